public import MetricsModel

/// Why a head cannot take a series.
public enum HeadError: Error, Equatable {
    /// The key is not a canonical series key.
    case invalidKey(LabelsError)
    /// The head holds other labels under this fingerprint.
    case keyMismatch(Fingerprint)
    /// Numbers for series, labels or their bytes are used up; 32 bits each.
    case full
}
