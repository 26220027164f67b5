import { z } from "zod";

export const newNote = z.object({
  text: z.string().min(1).max(10_000),
});

export type NewNote = z.infer<typeof newNote>;

export interface Note extends NewNote {
  id: string;
}
