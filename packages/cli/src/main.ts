#!/usr/bin/env node
import { runCommand } from "./program.ts";

// On the platform's own engine the guest's stack is part of the host's, of which ten frames are kept unless more are asked for.
Error.stackTraceLimit = 200;

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

// The process ends by itself when standard streams have been written out.
process.exitCode = await runCommand(process.argv.slice(2));
