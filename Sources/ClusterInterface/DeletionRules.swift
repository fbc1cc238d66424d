public import MetricsModel

/// Decides which samples of a tenant deletions hide.
public struct DeletionRules: Sendable {
    private struct Rule: Sendable {
        let number: Int64
        let phase: SeriesDeletion.Phase
        /// A series is meant that passes all matchers of one of them; none means every series.
        let selectors: [[LabelMatcher]]
        let range: TimeRange

        func means(_ labels: Labels) -> Bool {
            selectors.isEmpty
                || selectors.contains { matchers in
                    matchers.allSatisfy { matcher in
                        labels.withValue(of: matcher.name) { matcher.matches($0) }
                    }
                }
        }
    }

    /// Where samples lie.
    public enum Place: Sendable {
        case memory
        /// A block that has seen deletions up to a number.
        case block(seen: Int64)
    }

    private let rules: [Rule]

    public static let none = DeletionRules()

    private init() { rules = [] }

    /// - Parameters:
    ///   - deletions: Those that are done mean blocks that have not seen them.
    ///   - parse: The matchers of a selector.
    public init(
        _ deletions: [SeriesDeletion],
        parse: (String) throws -> [LabelMatcher]
    ) rethrows {
        rules = try deletions.map { deletion in
            Rule(
                number: deletion.number,
                phase: deletion.phase,
                selectors: try deletion.selectors.map(parse),
                range: deletion.range
            )
        }
    }

    public var isEmpty: Bool { rules.isEmpty }

    /// Whether anything can be hidden in a place.
    public func concern(_ place: Place) -> Bool { rules.contains { Self.holds($0, place) } }

    /// The times whose samples of a series are hidden, ascending and apart from each other.
    public func hidden(of labels: Labels, in place: Place) -> [TimeRange] {
        var ranges: [TimeRange] = []
        for rule in rules where Self.holds(rule, place) && rule.means(labels) {
            ranges.append(rule.range)
        }
        return ranges.count < 2 ? ranges : Self.united(ranges)
    }

    /// Whether all samples that a series can have in a place and a range are hidden.
    public func hide(_ labels: Labels, in place: Place, within range: TimeRange) -> Bool {
        hidden(of: labels, in: place).contains { $0.start <= range.start && range.end <= $0.end }
    }

    /// What the deletions that hold in a place select; a series is meant that passes all matchers of one.
    public func selectors(in place: Place) -> [[LabelMatcher]] {
        rules.filter { Self.holds($0, place) }.flatMap {
            $0.selectors.isEmpty ? [[]] : $0.selectors
        }
    }

    /// For each deletion that means a series in a place, its number and range, by number.
    public func orders(
        on labels: Labels,
        in place: Place
    ) -> [(number: Int64, range: TimeRange)] {
        rules.filter { Self.holds($0, place) && $0.means(labels) }
            .map { ($0.number, $0.range) }.sorted { $0.number < $1.number }
    }

    /// Whether a rule is in force in a place: samples in memory are meant only until the ingesters have stored them.
    private static func holds(_ rule: Rule, _ place: Place) -> Bool {
        switch place {
        case .memory: rule.phase == .ordered
        case .block(let seen): rule.number > seen
        }
    }

    private static func united(_ ranges: [TimeRange]) -> [TimeRange] {
        var result: [TimeRange] = []
        for range in ranges.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
            if let last = result.last, range.start <= last.end {
                result[result.count - 1].end = max(last.end, range.end)
            } else {
                result.append(range)
            }
        }
        return result
    }
}
