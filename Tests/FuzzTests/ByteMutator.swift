import TestSupport

/// Damages bytes as disks, networks and malice do, the same for the same seed.
struct ByteMutator {
    private var random: SeededGenerator

    /// Numbers that decoders are wrong about first, as base-128 varints and as fixed numbers.
    private static let extremes: [[UInt8]] = {
        let numbers: [UInt64] = [
            0, 1, 0x7f, 0x80, 0xffff, 1 << 31, 1 << 32 - 1, 1 << 32, 1 << 63, .max - 1, .max,
        ]
        return numbers.flatMap { number in
            [varint(number), withUnsafeBytes(of: number.littleEndian, Array.init)]
        } + [[UInt8](repeating: 0x80, count: 10) + [1], [UInt8](repeating: 0xff, count: 12)]
    }()

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func pick(below count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    /// One to four changes of one of the inputs; parts may come from the others.
    mutating func mutate(anyOf corpus: [[UInt8]]) -> [UInt8] {
        mutate(corpus[pick(below: corpus.count)], withPartsOf: corpus)
    }

    mutating func mutate(_ input: [UInt8], withPartsOf corpus: [[UInt8]]) -> [UInt8] {
        var bytes = input
        for _ in 0...pick(below: 4) { change(&bytes, corpus) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
        guard !bytes.isEmpty else {
            bytes = [UInt8.random(in: 0...255, using: &random)]
            return
        }
        let offset = pick(below: bytes.count)
        switch pick(below: 9) {
        case 0: bytes[offset] ^= 1 << UInt8(pick(below: 8))
        case 1: bytes[offset] = .random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(offset...)
        case 3: bytes.removeSubrange(range(in: bytes, from: offset))
        case 4: bytes.insert(contentsOf: bytes[range(in: bytes, from: offset)], at: offset)
        case 5:
            let other = corpus[pick(below: corpus.count)]
            guard !other.isEmpty else { return }
            let part = other[range(in: other, from: pick(below: other.count))]
            bytes.replaceSubrange(range(in: bytes, from: offset), with: part)
        case 6:
            let extreme = Self.extremes[pick(below: Self.extremes.count)]
            let end = min(bytes.count, offset + [1, extreme.count][pick(below: 2)])
            bytes.replaceSubrange(offset..<end, with: extreme)
        case 7:
            let (first, second) = (range(in: bytes, from: offset), pick(below: bytes.count))
            let part = Array(bytes[first])
            bytes.removeSubrange(first)
            bytes.insert(contentsOf: part, at: min(second, bytes.count))
        default:
            for index in range(in: bytes, from: offset) { bytes[index] = 0 }
        }
    }

    /// A range of mostly few bytes.
    private mutating func range(in bytes: [UInt8], from offset: Int) -> Range<Int> {
        let longest = pick(below: 4) == 0 ? bytes.count : 16
        return offset..<min(bytes.count, offset + 1 + pick(below: max(1, longest)))
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
