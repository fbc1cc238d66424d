/// A shape in memory that its pattern owns, matched with bytes in place.
struct GapMatcher: BitwiseCopyable {
    private let first: LiteralBytes
    private let last: LiteralBytes
    /// The literals between the first and the last.
    private let inner: UnsafeBufferPointer<LiteralBytes>
    /// How many bytes each gap has at least.
    private let gaps: UnsafeBufferPointer<Int>

    /// - Parameter shape: One with gaps.
    init(_ shape: PatternShape, in memory: PatternMemory) {
        let literals = shape.literals.map { LiteralBytes($0, in: memory) }
        precondition(literals.count == shape.gaps.count + 1 && literals.count > 1)
        first = literals[0]
        last = literals[literals.count - 1]
        inner = memory.copy(Array(literals[1..<literals.count - 1]))
        gaps = memory.copy(shape.gaps)
    }

    /// Each literal is taken where it stands first: a later place leaves less room for the others.
    @inline(__always)
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let end = text.count - last.size
        var position = first.size
        guard position <= end, first.stands(in: text, at: 0), last.stands(in: text, at: end) else {
            return false
        }
        for index in inner.indices {
            let start = position + gaps[index]
            guard start <= end, let found = inner[index].firstOffset(in: text, within: start..<end)
            else { return false }
            position = found + inner[index].size
        }
        return end - position >= gaps[inner.count]
    }
}
