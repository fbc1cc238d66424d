/// Damages the text of queries: bytes, tokens, nesting.
public struct TextMutator<Random: RandomNumberGenerator> {
    public var random: Random

    public init(random: Random) {
        self.random = random
    }

    /// The text with one to four changes.
    public mutating func mutate(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<9, using: &random) {
        case 0 where place < bytes.count:
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where place < bytes.count:
            bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 3: bytes.removeSubrange(token(bytes, at: place))
        case 4: bytes.insert(contentsOf: Array(bytes[token(bytes, at: place)]), at: place)
        case 5: swapTokens(&bytes)
        case 6: bytes.insert(contentsOf: Array(pick(Self.fragments).utf8), at: place)
        case 7: bytes.removeSubrange(place...)
        default: nest(&bytes)
        }
    }

    /// The run of letters and digits, or the single byte, at a place.
    private func token(_ bytes: [UInt8], at place: Int) -> Range<Int> {
        guard place < bytes.count else { return bytes.count..<bytes.count }
        guard Self.isWord(bytes[place]) else { return place..<place + 1 }
        let start = bytes[..<place].lastIndex { !Self.isWord($0) }.map { $0 + 1 } ?? 0
        let end = bytes[place...].firstIndex { !Self.isWord($0) } ?? bytes.count
        return start..<end
    }

    private mutating func swapTokens(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let first = token(bytes, at: Int.random(in: 0..<bytes.count, using: &random))
        let second = token(bytes, at: Int.random(in: 0..<bytes.count, using: &random))
        guard first.upperBound <= second.lowerBound else { return }
        bytes =
            Array(bytes[..<first.lowerBound]) + bytes[second]
            + bytes[first.upperBound..<second.lowerBound] + bytes[first]
            + bytes[second.upperBound...]
    }

    /// Repeats an opening many times, mostly with as many ends.
    private mutating func nest(_ bytes: inout [UInt8]) {
        let (open, close) = Self.nestings[Int.random(in: 0..<Self.nestings.count, using: &random)]
        let counts = [1, 2, 30, 99, 100, 101, 500, 5000]
        let count = counts[Int.random(in: 0..<counts.count, using: &random)]
        let ends = Bool.random(using: &random) ? count : count - 1
        bytes =
            Array(String(repeating: open, count: count).utf8) + bytes
            + Array(String(repeating: close, count: ends).utf8)
    }

    private mutating func pick(_ list: [String]) -> String {
        list[Int.random(in: 0..<list.count, using: &random)]
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static var nestings: [(String, String)] {
        [
            ("(", ")"), ("sum(", ")"), ("-", ""), ("abs(", ")"), ("1 + ", ""), ("1 ^ ", ""),
            ("rate(", "[5m:1m])"), ("", "[1h:]"), ("{a=\"", "\"}"), ("a[", "]"), ("max_of(1,", ")"),
            ("sum by (", ") (x)"), ("a[1+(", ")]"),
        ]
    }

    private static var fragments: [String] {
        [
            " offset ", " @ ", " start()", "[5m]", "[5m:1m]", "{", "}", "(", ")", "[", "]", ",",
            " by ", " on ", " bool ", " group_left ", "==", "=~", "!~", "^", "9223372036854775808",
            "-9223372036854775808", "1e400", "0x", "1y", "999999999y", "1ms1y", "NaN", "\"\\xff\"",
            "'", "`", "\\", "#", "\n", "\u{0}", "é", "\u{feff}", "fill(1)", " anchored",
            " smoothed",
            "step()", "min_of(", "</", ">/", "(a+)+$", "info(", "1e-320", "0b1", "__name__",
        ]
    }
}
