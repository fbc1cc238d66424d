/// The number of a series in one head; dies when the series leaves memory, and is used again then.
public struct SeriesReference: Sendable, Hashable {
    public var number: UInt32

    public init(number: UInt32) { self.number = number }
}
