import type { ReactNode } from "react";

export interface CardProps {
  title: string;
  children: ReactNode;
}

/** A titled part of a page. */
export function Card({ title, children }: CardProps): ReactNode {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
