/// What became of one sample.
public enum AppendOutcome: Sendable, Equatable {
    /// It is new and in memory.
    case stored
    /// The same sample is in memory already; nothing changed.
    case duplicate
    /// It is not taken; nothing changed.
    case refused(AppendRefusal)
}

/// Why a sample is not taken.
public enum AppendRefusal: Sendable, Equatable {
    /// Older than the newest sample of its series, and no late samples are accepted.
    case outOfOrder
    /// Older than the newest sample of its series, and than the window for late samples.
    case tooOld
    /// The series has another value at this timestamp.
    case newValueForTimestamp
}
