// What the page does. `serve.mjs` bundles it with the runtime into one file.
import { Runtime, Trap } from "@wardian/runtime";

const element = (id) => document.getElementById(id);

// Calls `found` for each prime, for ever.
const guest = `(module
  (import "page" "found" (func $found (param i32)))
  (func (export "primes") (local $n i32) (local $d i32)
    (local.set $n (i32.const 2))
    (loop $next
      (local.set $d (i32.const 2))
      (block $composite
        (loop $divide
          (if (i32.le_u (i32.mul (local.get $d) (local.get $d)) (local.get $n))
            (then
              (br_if $composite (i32.eqz (i32.rem_u (local.get $n) (local.get $d))))
              (local.set $d (i32.add (local.get $d) (i32.const 1)))
              (br $divide))))
        (call $found (local.get $n)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br $next))))`;

let primes = 0;
const runtime = new Runtime({ limits: { memory: 1 << 20, callDepth: 100 } });
const module = await runtime.compile(guest);
const instance = await runtime.instantiate(module, { page: { found: () => void primes++ } }, { async: true });
element("engine").textContent = instance.engine.name;
element("reason").textContent = instance.engine.reason;

let frames = 0;
let running = true;
function draw() {
  frames++;
  element("needle").setAttribute("transform", `rotate(${(frames * 6) % 360})`);
  element("primes").textContent = primes.toLocaleString("en");
  element("fuel").textContent = instance.fuel.consumed.toLocaleString("en");
  element("frames").textContent = frames.toLocaleString("en");
  if (running) requestAnimationFrame(draw);
}
requestAnimationFrame(draw);

const controller = new AbortController();
element("stop").addEventListener("click", () => controller.abort());
element("state").textContent = "running";
try {
  await instance.async.call("primes", [], { signal: controller.signal });
} catch (error) {
  if (!(error instanceof Trap)) throw error;
  element("state").textContent = `stopped: ${error.code}`;
} finally {
  running = false;
}
