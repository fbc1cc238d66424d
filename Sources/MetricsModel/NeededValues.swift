/// What a reader of floats wants to know of their values.
public enum NeededValues: Sendable, Hashable {
    case all
    /// Only which are staleness markers, as for `count`: any other value may be read as 0.
    case markers
}
