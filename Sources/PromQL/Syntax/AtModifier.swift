/// The argument of an `@` modifier.
public enum AtModifier: Hashable, Sendable {
    /// Milliseconds since the epoch.
    case timestamp(Int64)
    /// The start of the outermost query.
    case start
    /// The end of the outermost query.
    case end
}
