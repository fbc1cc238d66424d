public import MetricsModel

/// Why a head cannot take a series.
public enum HeadError: Error, Equatable {
    /// The key is not a canonical series key.
    case invalidKey(LabelsError)
    /// The head holds other labels under this fingerprint.
    case keyMismatch(Fingerprint)
    /// More labels than a series can have in memory.
    case tooManyLabels(count: Int, limit: Int)
    /// Numbers for series, labels or their bytes are used up; 32 bits each.
    case full
}
