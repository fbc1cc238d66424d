internal import MetricsModel
internal import PromQL
internal import Querying

/// Where the samples of a script are while its queries run.
public enum ScriptStorage: String, Sendable, CaseIterable {
    /// Arrays, handed to the evaluator as they are.
    case memory
    /// A head, read through the querier.
    case head
    /// Blocks that were cut from a head, read through the querier.
    case blocks
    /// Blocks up to the middle of the loaded time, and a head with the rest, read through the querier.
    case split

    /// Stores samples, sorted by labels, in a new storage of this kind.
    func source(of series: [SeriesSamples], features: QueryFeatures) throws -> any ScriptSource {
        switch self {
        case .memory: MemorySource(series: series, features: features)
        case .head: try StoreSource(series, cutBefore: nil, features)
        case .blocks: try StoreSource(series, cutBefore: .max, features)
        case .split: try StoreSource(series, cutBefore: Self.middle(of: series), features)
        }
    }

    /// Halfway between the first and the last sample, in milliseconds; nil where there is none.
    private static func middle(of series: [SeriesSamples]) -> Int64? {
        let ends = series.map(\.samples).flatMap { samples in
            [samples.timestamps, samples.histograms.timestamps].flatMap { times in
                [times.first, times.last].compactMap(\.self)
            }
        }
        guard let first = ends.min(), let last = ends.max() else { return nil }
        // Rounded up: the first of two neighbours is before it.
        return first + (last - first + 1) / 2
    }
}
