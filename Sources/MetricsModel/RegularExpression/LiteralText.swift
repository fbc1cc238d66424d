/// A literal part of a pattern.
struct LiteralText: Hashable, Sendable {
    /// In lower case where case does not count.
    private(set) var bytes: [UInt8]
    private(set) var casing: Casing

    /// Whether upper and lower case differ.
    enum Casing {
        /// No letters, so it does not matter.
        case none
        case counts
        /// ASCII letters match in either case; there are no others.
        case folded
    }

    static let empty = LiteralText(bytes: [], casing: .none)

    private init(bytes: [UInt8], casing: Casing) {
        self.bytes = bytes
        self.casing = casing
    }

    /// - Precondition: Only ASCII if `foldsCase`.
    init(_ bytes: [UInt8], foldsCase: Bool) {
        let folded = bytes.map(Self.lowercased)
        let hasLetters = bytes.contains { $0 >= 0x80 || Self.isLetter($0) }
        self.bytes = foldsCase ? folded : bytes
        casing = hasLetters ? (foldsCase ? .folded : .counts) : .none
    }

    var size: Int { bytes.count }

    /// Whether letters outside of ASCII fold to one of its letters: those of KELVIN SIGN and LONG S.
    var foldsBeyondASCII: Bool {
        casing == .folded
            && bytes.contains { $0 == UInt8(ascii: "k") || $0 == UInt8(ascii: "s") }
    }

    /// This text and then the other; nil if case counts in one of them only.
    func joined(with other: LiteralText) -> LiteralText? {
        guard casing == other.casing || casing == .none || other.casing == .none else { return nil }
        return LiteralText(
            bytes: bytes + other.bytes,
            casing: casing == .none ? other.casing : casing
        )
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26
    }
}
