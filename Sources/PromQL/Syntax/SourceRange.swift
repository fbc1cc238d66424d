/// A half-open range of byte positions in the text of a query.
///
/// `start` is the first byte of what it describes, `end` the byte after the last one. Within one
/// query no two selectors share a range, so it also identifies a selector.
public struct SourceRange: Hashable, Sendable {
    public var start: Int
    public var end: Int

    public init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }
}
