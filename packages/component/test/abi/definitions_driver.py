"""Runs the specification's executable reference on the cases of definitions.test.ts: one JSON object per line in, one out.

Usage: python3 definitions_driver.py DIRECTORY_OF_DEFINITIONS_PY
"""
import json
import struct
import sys

sys.path.insert(0, sys.argv[1])
import definitions as d  # noqa: E402

d.DETERMINISTIC_PROFILE = True
PAGE = 65536
PRIMITIVES = {
    "bool": d.BoolType, "u8": d.U8Type, "s8": d.S8Type, "u16": d.U16Type, "s16": d.S16Type, "u32": d.U32Type,
    "s32": d.S32Type, "u64": d.U64Type, "s64": d.S64Type, "f32": d.F32Type, "f64": d.F64Type, "char": d.CharType,
    "string": d.StringType,
}


def type_of(t):
    if t is None:
        return None
    kind = t["kind"]
    if kind in PRIMITIVES:
        return PRIMITIVES[kind]()
    if kind == "list":
        return d.ListType(type_of(t["element"]), t.get("length"))
    if kind == "record":
        return d.RecordType([d.FieldType(f["name"], type_of(f["type"])) for f in t["fields"]])
    if kind == "tuple":
        return d.TupleType([type_of(u) for u in t["types"]])
    if kind == "variant":
        return d.VariantType([d.CaseType(c["name"], type_of(c.get("type"))) for c in t["cases"]])
    if kind == "enum":
        return d.EnumType(t["labels"])
    if kind == "flags":
        return d.FlagsType(t["labels"])
    if kind == "option":
        return d.OptionType(type_of(t["type"]))
    if kind == "result":
        return d.ResultType(type_of(t.get("ok")), type_of(t.get("error")))
    if kind == "map":
        return d.MapType(type_of(t["key"]), type_of(t["value"]))
    raise ValueError(kind)


def value_of(t, v):
    """A value: numbers as decimal text, floats as the bits of an f64, choices as [index, payload]."""
    kind = t["kind"]
    if kind == "bool":
        return v
    if kind in ("f32", "f64"):
        return struct.unpack("<d", struct.pack("<Q", int(v)))[0]
    if kind == "string":
        return (v, "utf16", len(v.encode("utf-16-le")) // 2)
    if kind == "char":
        return v
    if kind in PRIMITIVES:
        return int(v)
    if kind == "list":
        return [value_of(t["element"], e) for e in v]
    if kind == "map":
        return [{"0": value_of(t["key"], k), "1": value_of(t["value"], e)} for k, e in v]
    if kind == "record":
        return {f["name"]: value_of(f["type"], e) for f, e in zip(t["fields"], v)}
    if kind == "tuple":
        return {str(i): value_of(u, e) for i, (u, e) in enumerate(zip(t["types"], v))}
    if kind == "flags":
        return {label: bool(v >> i & 1) for i, label in enumerate(t["labels"])}
    if kind == "enum":
        return {t["labels"][v]: None}
    index, payload = v
    if kind == "variant":
        names, types = [c["name"] for c in t["cases"]], [c.get("type") for c in t["cases"]]
    elif kind == "option":
        names, types = ["none", "some"], [None, t["type"]]
    else:
        names, types = ["ok", "error"], [t.get("ok"), t.get("error")]
    return {names[index]: None if types[index] is None else value_of(types[index], payload)}


class Context(d.LiftLowerContext):
    """A guest with a `realloc` that never frees and moves what grows."""

    def __init__(self, encoding, pointer):
        opts = d.LiftLowerOptions(encoding, d.MemInst(bytearray(PAGE), pointer), None)
        super().__init__(opts, None, None)
        self.next = 1024
        self.log = []

    def reallocate(self, old, old_bytes, alignment, size):
        memory = self.opts.memory.bytes
        if size <= old_bytes and old != 0:
            pointer = old
        else:
            pointer = -(-self.next // alignment) * alignment
            self.next = pointer + size
            if self.next > len(memory):
                memory.extend(bytes(-(-self.next // PAGE) * PAGE - len(memory)))
            memory[pointer:pointer + old_bytes] = memory[old:old + old_bytes]
        self.log.append([old, old_bytes, alignment, size, pointer])
        return pointer


def core(types, values):
    out = []
    for t, v in zip(types, values):
        if t == "f32":
            v = struct.unpack("<I", struct.pack("<f", v))[0]
        elif t == "f64":
            v = struct.unpack("<Q", struct.pack("<d", v))[0]
        out.append([t, str(v)])
    return out


def flat_types(types, cx):
    flat = d.flatten_types(types, cx.opts)
    return flat if len(flat) <= d.MAX_FLAT_PARAMS else [cx.opts.memory.ptr_type()]


def run(case):
    types = [type_of(t) for t in case["types"]]
    values = [value_of(t, v) for t, v in zip(case["types"], case["values"])]
    a, b = (Context(*side) for side in case["sides"])
    flat = d.lower_flat_values(a, d.MAX_FLAT_PARAMS, values, types)
    slots = flat_types(types, a)
    memory = a.opts.memory.bytes
    for where, byte in case["memory"]:
        if a.next > 1024:
            memory[1024 + where % (a.next - 1024)] = byte
    for where, number in case["flat"]:
        if len(flat) > 0 and slots[where % len(flat)] in ("i32", "i64"):
            bits = 32 if slots[where % len(flat)] == "i32" else 64
            flat[where % len(flat)] = int(number) % (1 << bits)
    answer = {"a": {"flat": core(slots, flat), "memory": memory[1024:a.next].hex(), "pages": len(memory) // PAGE}}
    try:
        lifted = d.lift_flat_values(a, d.MAX_FLAT_PARAMS, d.CoreValueIter(flat), types)
        lowered = d.lower_flat_values(b, d.MAX_FLAT_PARAMS, lifted, types)
        answer["b"] = {
            "flat": core(flat_types(types, b), lowered),
            "memory": b.opts.memory.bytes[1024:b.next].hex(),
            "reallocs": b.log,
        }
    except d.Trap:
        answer["b"] = None
    return answer


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
