import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { type Guest, runGuest, runGuestAsync } from "../../test/guest.ts";
import { type Connection, type Listener, MemoryFileSystem, serverListener } from "../index.ts";
import { encodeUtf8 } from "../utf8.ts";

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** A connection whose other side is a list of chunks and a list of what came. */
function scripted(chunks: (string | Promise<string>)[]): Connection & { sent: string[]; ends: string[] } {
  const sent: string[] = [];
  const ends: string[] = [];
  return {
    sent,
    ends,
    read: () => {
      const chunk = chunks.shift();
      if (chunk === undefined) return null;
      return typeof chunk === "string" ? encodeUtf8(chunk) : chunk.then(encodeUtf8);
    },
    write: (bytes) => void sent.push(Buffer.from(bytes).toString()),
    shutdown: (how) => void ends.push(how),
    close: () => void ends.push("close"),
  };
}

function listenerOf(...connections: (Connection | Promise<Connection>)[]): Listener & { closed: number } {
  return {
    closed: 0,
    accept: () => connections.shift() ?? null,
    close() {
      this.closed++;
    },
  };
}

function accept(guest: Guest, fd: number, flags = 0): number | string {
  const result = guest.space(4);
  const errno = guest.call("sock_accept", fd, flags, result);
  return errno === "success" ? guest.view.getUint32(result, true) : errno;
}

function receive(guest: Guest, fd: number, length: number, flags = 0): string {
  const [buffer, size, resultFlags] = [guest.space(length), guest.space(4), guest.space(2)];
  const errno = guest.call("sock_recv", fd, ...guest.vector([buffer, length]), flags, size, resultFlags);
  return errno === "success" ? guest.text(buffer, guest.view.getUint32(size, true)) : `!${errno}`;
}

function send(guest: Guest, fd: number, text: string, flags = 0): string {
  return guest.call("sock_send", fd, ...guest.vector(guest.put(text)), flags, guest.space(4));
}

describe("sockets", () => {
  test("are accepted, received from, sent to and shut down", () => {
    const connection = scripted(["hello", "world", "!"]);
    const listener = listenerOf(connection);
    runGuest({ preopens: { "/": new MemoryFileSystem() }, listeners: [listener] }, (guest) => {
      expect(accept(guest, 4)).toBe(5);
      expect(accept(guest, 4)).toBe("inval");
      expect(receive(guest, 5, 3, 1)).toBe("hel");
      expect(receive(guest, 5, 3)).toBe("hel");
      expect(receive(guest, 5, 8, 2)).toBe("loworld!");
      expect(receive(guest, 5, 8)).toBe("");
      expect(send(guest, 5, "answer")).toBe("success");
      expect(guest.write(5, "more")).toEqual({ errno: "success", size: 4 });
      expect(send(guest, 5, "x", 1)).toBe("inval");
      expect(receive(guest, 5, 1, 8)).toBe("!inval");
      expect(guest.call("sock_shutdown", 5, 0)).toBe("inval");
      expect(guest.call("sock_shutdown", 5, 4)).toBe("inval");
      expect(guest.call("sock_shutdown", 5, 2)).toBe("success");
      expect(send(guest, 5, "x")).toBe("pipe");
      expect(guest.call("sock_shutdown", 5, 1)).toBe("success");
      expect(receive(guest, 5, 8)).toBe("");
      expect(guest.close(5)).toBe("success");
    });
    expect(connection.sent).toEqual(["answer", "more"]);
    expect(connection.ends).toEqual(["write", "read", "close"]);
    expect(listener.closed).toBe(1);
  });

  test("are told from what is no socket, and listeners from connections", () => {
    const options = { preopens: { "/": MemoryFileSystem.from({ file: "" }) }, listeners: [listenerOf(scripted([]))] };
    runGuest(options, (guest) => {
      const connection = accept(guest, 4) as number;
      const { fd } = guest.open("file");
      expect([
        accept(guest, fd),
        accept(guest, 0),
        accept(guest, 99),
        accept(guest, connection),
        accept(guest, 4, 64),
      ]).toEqual(["notsock", "notsock", "badf", "inval", "inval"]);
      expect([receive(guest, fd, 1), send(guest, fd, ""), guest.call("sock_shutdown", fd, 1)]).toEqual([
        "!notsock",
        "notsock",
        "notsock",
      ]);
      expect([
        receive(guest, 4, 1),
        send(guest, 4, ""),
        guest.call("sock_shutdown", 4, 1),
        guest.read(4).errno,
      ]).toEqual(["!notconn", "notconn", "notconn", "notconn"]);
      expect(guest.fstat(connection).filetype).toBe(6);
      expect(guest.call("fd_prestat_get", 4, 8)).toBe("badf");
    });
  });

  test("wait where the call may be suspended, and say so where not", async () => {
    const never = new Promise<never>(() => {});
    runGuest({ listeners: [listenerOf(never)] }, (guest) => {
      expect(accept(guest, 3)).toBe("notsup");
      guest.call("fd_fdstat_set_flags", 3, 4);
      expect(accept(guest, 3)).toBe("again");
    });
    const later = new Promise<string>((resolve) => setTimeout(() => resolve("late"), 5));
    const connection = new Promise<Connection>((resolve) => setTimeout(() => resolve(scripted([later])), 5));
    await runGuestAsync({ listeners: [listenerOf(connection)] }, async (guest) => {
      const result = guest.space(4);
      expect(await guest.callAsync("sock_accept", 3, 4, result)).toBe("success");
      const fd = guest.view.getUint32(result, true);
      // Accepted as non-blocking.
      expect((await guest.readAsync(fd)).errno).toBe("again");
      guest.call("fd_fdstat_set_flags", fd, 0);
      expect((await guest.readAsync(fd)).text).toBe("late");
    });
  });

  test("that were fetched for a poll and never accepted are closed with their listener", async () => {
    const connection = scripted([]);
    await runGuestAsync({ listeners: [listenerOf(connection)] }, async (guest) => {
      const input = guest.space(48);
      guest.view.setUint8(input + 8, 1);
      guest.view.setUint32(input + 16, 3, true);
      expect(await guest.callAsync("poll_oneoff", input, guest.space(32), 1, guest.space(4))).toBe("success");
    });
    expect(connection.ends).toEqual(["close"]);
  });
});

test("a guest serves a real client over a server of the host", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const ended = runGuestAsync({ listeners: [serverListener(server)] }, async (guest) => {
    const result = guest.space(4);
    for (let served = 0; served < 2; served++) {
      expect(await guest.callAsync("sock_accept", 3, 0, result)).toBe("success");
      const fd = guest.view.getUint32(result, true);
      let got = "";
      while (!got.endsWith("\n")) got += (await guest.readAsync(fd, 100_000)).text;
      expect(await guest.callAsync("fd_write", fd, ...guest.vector(guest.put(got.toUpperCase())), guest.space(4))).toBe(
        "success",
      );
      guest.close(fd);
    }
  });
  for (const text of ["hello\n", `${"x".repeat(200_000)}\n`]) {
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    client.end(text);
    let answer = "";
    for await (const chunk of client) answer += chunk;
    expect(answer).toBe(text.toUpperCase());
  }
  expect(await ended).toBe(0);
  server.close();
});
