public import ClusterInterface
internal import MetricsModel

/// Decides which of a day's blocks are merged.
///
/// A day that is over becomes one block, or several that share its series where one would be too large. What comes
/// late is merged in batches while it comes, and whole later. Before the day is over, only many small blocks of
/// one window are merged. Every job leaves fewer blocks below the day's level, so that jobs come to an end.
public struct CompactionPlan: Sendable, Equatable {
    /// Something to be done to live blocks of one day.
    public enum Job: Sendable, Equatable {
        /// Makes one block, or several with different series, of at least two.
        case merge([BlockRecord], level: Int)
        /// Takes a block that is alone for the day's block as it is.
        case promote(BlockRecord)
    }

    /// Level of a block that was merged within its window.
    public static let windowLevel = 1
    /// Level of a day's blocks.
    public static let dayLevel = 2
    /// Windows of a day that is not over, in milliseconds.
    static let window: Int64 = 7_200_000
    /// Bytes of a block up to which it is merged with others of its window before the day is over.
    static let smallSize = 8 << 20
    /// So many of them are worth a merge.
    static let smallCount = 4
    /// So many late blocks are merged into a day's at once.
    static let lateCount = 8

    /// In order of time; no block is in two of them.
    public let jobs: [Job]

    /// - Parameters:
    ///   - blocks: Live blocks of the tenant, of this day and others, in the order of the catalog.
    ///   - held: Those that are not to be merged now.
    ///   - now: Milliseconds since the Unix epoch.
    public init(
        day: CompactionDay,
        blocks: [BlockRecord],
        held: [BlockRecord] = [],
        now: Int64,
        settings: CompactionSettings
    ) {
        let range = day.range
        let own = blocks.filter { $0.tenant == day.tenant && range.contains($0.range.start) }
        let fresh = own.filter { $0.level < Self.dayLevel }
        let merged = own.filter { $0.level >= Self.dayLevel }
        let isDayHeld = held.contains {
            $0.level >= Self.dayLevel && range.contains($0.range.start)
        }
        if isDayHeld {
            // Another block of the day would stay beside the one that is held.
            jobs =
                fresh.count >= Self.lateCount
                ? [.merge(Array(fresh.prefix(settings.maximumInputs)), level: Self.windowLevel)]
                : []
        } else if Self.isOver(range.end, now, settings.delay) {
            jobs = Self.whole(
                fresh,
                merged,
                isSettled: Self.isOver(range.end, now, settings.lateTime),
                settings
            )
        } else {
            jobs = Self.windows(fresh, now, settings)
        }
    }

    /// The jobs of a day that is over; one at most.
    private static func whole(
        _ fresh: [BlockRecord],
        _ merged: [BlockRecord],
        isSettled: Bool,
        _ settings: CompactionSettings
    ) -> [Job] {
        guard let first = fresh.first else { return [] }
        if fresh.count + merged.count > settings.maximumInputs {
            // Too much for one merge: first among themselves, then beside the day's blocks.
            return fresh.count > 1
                ? [.merge(Array(fresh.prefix(settings.maximumInputs)), level: windowLevel)]
                : [.promote(first)]
        }
        if merged.isEmpty {
            return fresh.count > 1 ? [.merge(fresh, level: dayLevel)] : [.promote(first)]
        }
        let isMuch = size(fresh) >= size(merged) / 4 || fresh.count >= lateCount
        guard isSettled || isMuch else { return [] }
        let all = (fresh + merged).sorted { ($0.range.start, $0.id) < ($1.range.start, $1.id) }
        return [.merge(all, level: dayLevel)]
    }

    /// The jobs of a day that is not over.
    private static func windows(
        _ fresh: [BlockRecord],
        _ now: Int64,
        _ settings: CompactionSettings
    ) -> [Job] {
        let small = fresh.filter { $0.size <= smallSize }
        let byWindow = Dictionary(grouping: small) { $0.range.start / window }
        return byWindow.sorted { $0.key < $1.key }.compactMap { number, blocks in
            let (end, overflows) = ((number + 1).multipliedReportingOverflow(by: window))
            guard blocks.count >= smallCount, !overflows, isOver(end, now, settings.delay) else {
                return nil
            }
            return .merge(Array(blocks.prefix(settings.maximumInputs)), level: windowLevel)
        }
    }

    private static func isOver(_ end: Int64, _ now: Int64, _ delay: Int64) -> Bool {
        let (due, overflows) = end.addingReportingOverflow(delay)
        return !overflows && now >= due
    }

    private static func size(_ blocks: [BlockRecord]) -> Int { blocks.reduce(0) { $0 + $1.size } }
}
