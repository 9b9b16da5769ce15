//! As much of protobuf as the arguments of Envoy's foreign functions need: fields whose values are bytes.

fn varint(mut value: usize, bytes: &mut Vec<u8>) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

pub fn message(fields: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, value) in fields {
        varint(number << 3 | 2, &mut bytes);
        varint(value.len(), &mut bytes);
        bytes.extend_from_slice(value);
    }
    bytes
}

/// Whether field 1 is true, as in the results of both functions for signatures, and what follows it.
pub fn truth(bytes: &[u8]) -> (bool, &[u8]) {
    match bytes {
        [8, 1, rest @ ..] => (true, rest),
        _ => (false, bytes),
    }
}

/// The value of a field of bytes at the beginning.
pub fn first_bytes(bytes: &[u8]) -> Option<&[u8]> {
    let mut length = 0;
    for (i, byte) in bytes.iter().skip(1).enumerate() {
        length |= ((byte & 0x7f) as usize) << (7 * i);
        if *byte < 0x80 {
            return bytes.get(i + 2..i + 2 + length);
        }
    }
    None
}
