import { readEvents, type ServerEvent } from "./sse";

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
}

async function all(...chunks: string[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(streamOf(...chunks))) events.push(event);
  return events;
}

test("an event split across chunks arrives whole", async () => {
  expect(await all("id: 7\nevent: del", 'ta\ndata: {"a"', ":1}\n", "\n")).toEqual([
    { id: "7", event: "delta", data: '{"a":1}' },
  ]);
});

test("several data lines are one text; comments and empty events are passed over", async () => {
  expect(await all(": ping\n\ndata: one\ndata: two\n\nevent: nothing\n\n")).toEqual([
    { id: null, event: "message", data: "one\ntwo" },
  ]);
});

test("an event without its blank line is not complete and is not shown", async () => {
  expect(await all("data: half")).toEqual([]);
});
