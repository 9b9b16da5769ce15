import "./main.ts";

const { wardianRoom } = globalThis as unknown as { wardianRoom: (work: string) => Promise<string> };

/** The room as a Worker: the work is posted, the report is the answer. */
export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return new Response(await wardianRoom(await request.text()));
    } catch (error) {
      return new Response(JSON.stringify({ failed: String((error as Error).stack ?? error).slice(0, 1500) }));
    }
  },
};
