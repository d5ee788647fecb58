import { describe, expect, test } from "vitest";
import { Window } from "../../../lib/message/actors/window.ts";

describe("Window", () => {
  test("lets one message go at a time while they are taken late", () => {
    const window = new Window({ first: 1, max: 100 });
    for (let now = 0; now < 1000; now += 50) {
      expect(window.fits(1)).toBe(true);
      window.sent(1, now);
      expect(window.fits(1)).toBe(false);
      window.took(1, now + 40);
    }
    expect(window.limit).toBe(1);
  });

  test("lets ever more go while they are taken soon, up to its most, and fewer when they are late again", () => {
    const window = new Window({ first: 1, max: 100 });
    let now = 0;
    for (let round = 0; round < 20; round++) {
      while (window.fits(1)) window.sent(1, now);
      now += 1;
      window.leave(0, now);
    }
    expect(window.limit).toBe(100);
    for (let round = 0; round < 20; round++) {
      while (window.fits(1)) window.sent(1, now);
      now += 100;
      window.leave(0, now);
    }
    expect(window.limit).toBe(1);
  });

  test("takes a message that is larger than all when nothing is on its way", () => {
    const window = new Window({ first: 256, max: 1024 });
    expect(window.fits(5000)).toBe(true);
    window.sent(5000, 0);
    expect(window.fits(1)).toBe(false);
  });
});
