/// Answers a regular expression of literals and gaps without an engine.
///
/// Matching looks at bytes in place, allocates nothing and counts no references. Unchecked, because all is
/// immutable after `init`, the memory behind the pointers too.
final class PatternShortcut: @unchecked Sendable {
    /// How many alternatives with gaps are tried one after the other; with more, the engine is faster.
    static let maximumShapeCount = 16

    /// All texts that match, sorted by bytes, where they are known.
    let literals: [String]?
    /// What every matching text starts with.
    let literalPrefix: [UInt8]
    let matchesEverything: Bool
    /// Whether a text that is not ASCII can match by case folding that is not known here.
    private let foldsBeyondASCII: Bool
    private let exact: LiteralSet
    private let folded: LiteralSet
    private let shapes: UnsafeBufferPointer<GapMatcher>
    /// What the matchers point into.
    private let memory = PatternMemory()

    /// - Parameter pattern: One that RE2 accepts.
    /// - Returns: nil where the engine is needed.
    init?(_ pattern: String) {
        guard let all = PatternParser.shapes(of: pattern) else { return nil }
        let shapes = all.filter { $0.literal == nil }
        guard shapes.count <= Self.maximumShapeCount else { return nil }
        let texts = all.compactMap(\.literal)
        let exactTexts = texts.filter { $0.casing != .folded }.map(\.bytes)
        let foldedTexts = texts.filter { $0.casing == .folded }.map(\.bytes)
        literals = exactTexts.count == all.count ? Self.distinct(exactTexts) : nil
        literalPrefix = Self.commonPrefix(all)
        matchesEverything = all.contains(where: \.matchesEverything)
        foldsBeyondASCII = all.contains(where: \.foldsBeyondASCII)
        exact = LiteralSet(exactTexts, foldsCase: false, in: memory)
        folded = LiteralSet(foldedTexts, foldsCase: true, in: memory)
        self.shapes = memory.copy(shapes.map { [memory] in GapMatcher($0, in: memory) })
    }

    /// - Returns: nil where only the engine knows.
    @inline(__always)
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
        if exact.contains(text) || folded.contains(text) { return true }
        for shape in shapes where shape.matches(text) { return true }
        return foldsBeyondASCII && !Self.isASCII(text) ? nil : false
    }

    private static func isASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var all: UInt8 = 0
        for byte in text { all |= byte }
        return all < 0x80
    }

    private static func distinct(_ texts: [[UInt8]]) -> [String] {
        Set(texts).sorted { $0.lexicographicallyPrecedes($1) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func commonPrefix(_ shapes: [PatternShape]) -> [UInt8] {
        guard let first = shapes.first?.first, first.casing != .folded else { return [] }
        var common = first.bytes[...]
        for shape in shapes.dropFirst() {
            guard shape.first.casing != .folded else { return [] }
            let shared = zip(common, shape.first.bytes).prefix { $0 == $1 }.count
            common = common.prefix(shared)
        }
        return Array(common)
    }
}
