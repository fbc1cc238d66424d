/// Takes apart the patterns that need no engine: literals, escaped punctuation, groups, alternatives, `.*`, `.+`,
/// the flags `i` and `s`, and anchors where they change nothing.
///
/// Reads RE2's syntax (github.com/google/re2/wiki/Syntax) as it is when the whole text must match and `.`
/// matches newlines. The pattern must be one that RE2 accepts; whatever else it holds makes the parser give up.
struct PatternParser {
    /// Bytes that may be copied to join literals, gaps and groups with what stands before them.
    static let maximumExpansion = 1 << 16
    /// How deep groups may be nested.
    static let maximumDepth = 64

    private struct NotUnderstood: Error {}

    private let pattern: [UInt8]
    private var position = 0
    private var budget = Self.maximumExpansion
    private var depth = 0

    private init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    /// The alternatives of a pattern, or nil if it is not understood.
    static func shapes(of pattern: String) -> [PatternShape]? {
        var parser = PatternParser(pattern)
        guard let shapes = try? parser.alternatives(foldsCase: false),
            parser.position == parser.pattern.count
        else { return nil }
        return shapes
    }

    private var next: UInt8? { position < pattern.count ? pattern[position] : nil }

    /// Reads up to the end of a group or of the pattern.
    private mutating func alternatives(
        foldsCase: Bool
    ) throws(NotUnderstood) -> [PatternShape] {
        // A flag holds from where it is set to the end of its group, over `|` too.
        var foldsCase = foldsCase
        var shapes = try sequence(&foldsCase)
        while next == UInt8(ascii: "|") {
            position += 1
            shapes += try sequence(&foldsCase)
        }
        return shapes
    }

    private mutating func sequence(_ foldsCase: inout Bool) throws(NotUnderstood) -> [PatternShape]
    {
        var shapes = [PatternShape.empty]
        try skipStartAnchors()
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            switch byte {
            case UInt8(ascii: "."): shapes = try product(shapes, [gap()])
            case UInt8(ascii: "$"): try skipEndAnchor()
            case UInt8(ascii: "("):
                if let inner = try group(&foldsCase) {
                    shapes = try product(shapes, inner)
                } else if shapes.count == 1, shapes[0].size == PatternShape.empty.size {
                    try skipStartAnchors()
                }
            default: shapes = try product(shapes, [literal(foldsCase: foldsCase)])
            }
        }
        return shapes
    }

    /// Passes over `^` at the start of an alternative of the whole pattern.
    private mutating func skipStartAnchors() throws(NotUnderstood) {
        guard depth == 0 else { return }
        while next == UInt8(ascii: "^") {
            position += 1
            try refuseRepetition()
        }
    }

    /// Passes over `$` at the end of an alternative of the whole pattern.
    private mutating func skipEndAnchor() throws(NotUnderstood) {
        position += 1
        guard depth == 0, next == nil || next == UInt8(ascii: "|") else { throw NotUnderstood() }
    }

    /// Reads `.*` or `.+`; whether they are greedy makes no difference.
    private mutating func gap() throws(NotUnderstood) -> PatternShape {
        position += 1
        let minimum: Int
        switch next {
        case UInt8(ascii: "*"): minimum = 0
        case UInt8(ascii: "+"): minimum = 1
        default: throw NotUnderstood()
        }
        position += 1
        if next == UInt8(ascii: "?") { position += 1 }
        try refuseRepetition()
        return .gap(atLeast: minimum)
    }

    /// Reads a group, or flags for the rest of the group around it.
    ///
    /// - Returns: nil for flags.
    private mutating func group(
        _ foldsCase: inout Bool
    ) throws(NotUnderstood) -> [PatternShape]? {
        position += 1
        var innerFoldsCase = foldsCase
        if next == UInt8(ascii: "?") {
            position += 1
            while next == UInt8(ascii: "i") || next == UInt8(ascii: "s") {
                if next == UInt8(ascii: "i") { innerFoldsCase = true }
                position += 1
            }
            if next == UInt8(ascii: ")"), pattern[position - 1] != UInt8(ascii: "?") {
                position += 1
                try refuseRepetition()
                foldsCase = innerFoldsCase
                return nil
            }
            guard next == UInt8(ascii: ":") else { throw NotUnderstood() }
            position += 1
        }
        guard depth < Self.maximumDepth else { throw NotUnderstood() }
        depth += 1
        let shapes = try alternatives(foldsCase: innerFoldsCase)
        depth -= 1
        guard next == UInt8(ascii: ")") else { throw NotUnderstood() }
        position += 1
        try refuseRepetition()
        return shapes
    }

    /// Reads characters up to the next that means something.
    private mutating func literal(foldsCase: Bool) throws(NotUnderstood) -> PatternShape {
        var bytes: [UInt8] = []
        while let byte = next {
            if byte == UInt8(ascii: "\\") {
                guard position + 1 < pattern.count,
                    Self.isPunctuation(pattern[position + 1])
                else { throw NotUnderstood() }
                bytes.append(pattern[position + 1])
                position += 2
            } else if Self.isPlain(byte) {
                guard byte < 0x80 || !foldsCase else { throw NotUnderstood() }
                bytes.append(byte)
                position += 1
            } else {
                break
            }
        }
        guard !bytes.isEmpty else { throw NotUnderstood() }
        try refuseRepetition()
        return .literal(LiteralText(bytes, foldsCase: foldsCase))
    }

    private func refuseRepetition() throws(NotUnderstood) {
        switch next {
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
            throw NotUnderstood()
        default: break
        }
    }

    /// Every left shape followed by every right one.
    private mutating func product(
        _ left: [PatternShape],
        _ right: [PatternShape]
    ) throws(NotUnderstood) -> [PatternShape] {
        if left.count == 1, left[0].size == PatternShape.empty.size { return right }
        let leftSize = left.reduce(0) { $0 + $1.size }
        let rightSize = right.reduce(0) { $0 + $1.size }
        budget -= leftSize * right.count + rightSize * left.count
        guard budget >= 0 else { throw NotUnderstood() }
        var result: [PatternShape] = []
        result.reserveCapacity(left.count * right.count)
        for head in left {
            for tail in right {
                guard let shape = head.followed(by: tail) else { throw NotUnderstood() }
                result.append(shape)
            }
        }
        return result
    }

    /// Whether a byte outside of a character class stands for itself.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "*"),
            UInt8(ascii: "?"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "|"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "^"), UInt8(ascii: "$"):
            false
        default: true
        }
    }

    /// Whether a byte behind a backslash stands for itself.
    private static func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }
}
