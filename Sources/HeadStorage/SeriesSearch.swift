internal import MetricsModel

/// A search for series that goes on in slices, so that a lock on the head is held shortly each time.
///
/// The candidates are chosen when it begins; what series hold is read when their slice comes.
public struct SeriesSearch: Sendable {
    let matchers: [LabelMatcher]
    let range: TimeRange
    /// The label index that the candidates' serials belong to.
    let generation: UInt64
    /// Serials of series that may pass, ascending or descending.
    let candidates: [UInt32]
    /// What candidates are still to be tested for.
    var tests: [PairTest]
    /// The candidate that is next.
    var position = 0
    /// Behind the last candidate.
    private(set) var end: Int

    init(
        matchers: [LabelMatcher],
        range: TimeRange,
        generation: UInt64,
        candidates: [UInt32],
        tests: [PairTest]
    ) {
        self.matchers = matchers
        self.range = range
        self.generation = generation
        self.candidates = candidates
        self.tests = tests
        end = candidates.count
    }

    /// Candidates that are still to be looked at.
    public var leftCount: Int { end - position }

    /// The same search from the last candidate to the first.
    var reversed: SeriesSearch {
        SeriesSearch(
            matchers: matchers,
            range: range,
            generation: generation,
            candidates: candidates.reversed(),
            tests: tests
        )
    }

    /// Leaves out the candidates that are left.
    mutating func finish() { position = end }

    /// Whether all candidates were looked at.
    public var isFinished: Bool { position == end }

    /// Searches for what is left, in order, each with about as many candidates, to be carried out at the same time.
    ///
    /// - Parameter count: At least 1.
    public func parts(_ count: Int) -> [SeriesSearch] {
        (0..<count).map { number in
            var part = self
            part.position = position + leftCount * number / count
            part.end = position + leftCount * (number + 1) / count
            return part
        }
    }
}

/// A matcher's verdicts on the values of its label, each reached once.
struct PairTest: Sendable {
    let matcher: LabelMatcher
    /// Number of the label's name; nil where no series has the label.
    let name: UInt32?
    /// Whether a series without the label passes.
    let absentPasses: Bool
    /// By place of the pair among those of the name.
    private var verdicts: [Verdict] = []

    private enum Verdict: UInt8 {
        case unknown
        case passes
        case fails
    }

    init(_ matcher: LabelMatcher, _ name: UInt32?) {
        self.matcher = matcher
        self.name = name
        absentPasses = matcher.matchesEmpty
    }

    /// Whether a series passes.
    @inline(__always)
    mutating func passes(_ serial: UInt32, in index: borrowing LabelIndex) -> Bool {
        guard let name, let place = index.place(of: serial, name: name) else { return absentPasses }
        return passes(place: place, of: name, in: index)
    }

    /// Whether a value passes.
    @inline(__always)
    mutating func passes(
        place: UInt32,
        of name: UInt32,
        in index: borrowing LabelIndex
    ) -> Bool {
        // New values may have come since the test began.
        if verdicts.count <= Int(place) {
            let count = index.pairs.names[Int(name)].pairs.count
            verdicts += repeatElement(.unknown, count: count - verdicts.count)
        }
        switch verdicts[Int(place)] {
        case .passes: return true
        case .fails: return false
        case .unknown:
            let pair = index.pairs.names[Int(name)].pairs[Int(place)]
            let value = index.pairs.pairs[Int(pair)].value
            let passes = index.symbols.withBytes(of: value) { matcher.matches($0) }
            verdicts[Int(place)] = passes ? .passes : .fails
            return passes
        }
    }
}
