import { workerData } from "node:worker_threads";
import { runThread, type ThreadJob } from "./threads.ts";

runThread(workerData as ThreadJob);
