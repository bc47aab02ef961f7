// What stands in place of a picture that has not come: the same size, no motion.
import { Unknown } from "../../components/pieces.tsx";

const ROWS = [0, 1, 2, 3, 4, 5];

export function LineSkeleton() {
  return (
    <div class="lx-skeleton-lines" aria-hidden="true">
      {ROWS.map((row) => (
        <div key={row}>
          <Unknown width={24} />
          <i />
        </div>
      ))}
    </div>
  );
}

export function ImageSkeleton() {
  return <div class="lx-skeleton-image" aria-hidden="true" />;
}

export function TextSkeleton() {
  return (
    <div class="lx-skeleton-text" aria-hidden="true">
      <Unknown width={240} />
      <Unknown width={160} />
    </div>
  );
}

export function TableSkeleton() {
  return (
    <div class="lx-skeleton-table" aria-hidden="true">
      {ROWS.map((row) => (
        <div key={row}>
          <Unknown width={32} />
          <Unknown width={72} />
          <Unknown width={72} />
        </div>
      ))}
    </div>
  );
}
