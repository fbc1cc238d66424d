/// Durations outside of queries, such as parameters of requests, in the form that queries have.
public enum DurationLiteral {
    /// Milliseconds of a text such as `1h30m`, or nil where it is none.
    public static func milliseconds(_ text: String) -> Int64? {
        guard !text.isEmpty, let nanoseconds = try? DurationText.nanoseconds(text) else {
            return nil
        }
        return nanoseconds / 1_000_000
    }
}
