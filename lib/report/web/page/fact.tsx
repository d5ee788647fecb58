/**
 * A name and a value, left out when there is none.
 */
export function Fact({ name, value }: { name: string; value: string | undefined }) {
  return value === undefined ? null : (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
