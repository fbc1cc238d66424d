/// Bytes of blocks that are kept nearer than the store.
///
/// Blocks never change, so nothing in it is ever out of date. It may forget anything at any time, and answers nothing
/// that it did not find whole; what fails in it is its own matter.
public protocol BlockBytesCache: Sendable {
    /// For each range of each block its bytes, or nil where they are not here.
    func find(_ wanted: [BlockRead]) async -> [[[UInt8]?]]

    /// Takes bytes for later; returns at once.
    ///
    /// - Parameter bytes: Of each range of each block.
    func keep(_ read: [BlockRead], _ bytes: [[[UInt8]]])
}
