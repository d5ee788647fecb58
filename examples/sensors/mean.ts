/** The mean of all temperatures in the house, by room. */
import { run } from "../../actors/typescript/sluice_actor.ts";

const rooms = new Map<string, number[]>();

run<{ Reading: { celsius: number } }>({
  Reading: (env) => {
    const room = env.topic?.split("/")[1] ?? "";
    rooms.set(room, [...(rooms.get(room) ?? []), env.msg.celsius]);
  },
  Shutdown: (_, self) => {
    for (const [room, readings] of rooms) {
      const mean = readings.reduce((sum, each) => sum + each, 0) / readings.length;
      self.emit(`mean of ${readings.length} in the ${room}: ${mean.toFixed(1)}`);
    }
  },
});
