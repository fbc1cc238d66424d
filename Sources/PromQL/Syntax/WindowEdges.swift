/// How samples around the edges of a window are treated.
public enum WindowEdges: Hashable, Sendable {
    /// Only samples inside the window count.
    case plain
    /// The last sample at or before the window's start stands in for the value there.
    case anchored
    /// Values at both edges are interpolated between their neighbours.
    case smoothed
}
