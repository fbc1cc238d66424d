internal import MetricsModel

extension LabelIndex {
    /// Serials of the series that may pass all matchers, ascending, and the tests that tell which do.
    ///
    /// The matcher with the fewest series to look at makes the candidates: one that names its values by their
    /// postings, or else one whose values are all tested, each once. Postings of other matchers are
    /// intersected where that is cheaper than to look at the candidates' labels.
    func candidates(
        for matchers: [LabelMatcher]
    ) -> (serials: [UInt32], tests: [PairTest]) {
        var named: [(pairs: [UInt32], count: Int, matcher: LabelMatcher)] = []
        var tests: [PairTest] = []
        for matcher in matchers where !matcher.matchesEverything {
            guard !matcher.matchesEmpty, let literals = matcher.literals else {
                tests.append(PairTest(matcher, name(matcher.name)))
                continue
            }
            let pairs = pairs(name: matcher.name, values: literals)
            guard !pairs.isEmpty else { return ([], []) }
            named.append((pairs, serialCount(with: pairs), matcher))
        }
        named.sort { $0.count < $1.count }
        guard let first = named.first else { return scan(tests) }
        var serials = serials(with: first.pairs)
        for other in named.dropFirst() {
            if other.count / 8 <= serials.count {
                serials =
                    other.pairs.count == 1
                    ? intersection(serials, with: other.pairs[0])
                    : Self.intersection(serials, self.serials(with: other.pairs))
            } else {
                tests.append(PairTest(other.matcher, name(other.matcher.name)))
            }
        }
        return (serials, tests)
    }

    /// Pairs of a label with some values, each named once, as far as a series has or had them.
    private func pairs(name: String, values: [String]) -> [UInt32] {
        guard let name = self.name(name) else { return [] }
        return values.compactMap { pair(name: name, value: $0) }
    }

    private func serialCount(with pairs: [UInt32]) -> Int {
        pairs.reduce(0) { $0 + self.pairs.serialCount(with: $1) }
    }

    /// Serials of the series with one of some pairs of one name, ascending.
    private func serials(with pairs: [UInt32]) -> [UInt32] {
        var all: [UInt32] = []
        all.reserveCapacity(serialCount(with: pairs))
        for pair in pairs {
            self.pairs.visitSerials(with: pair) { serial in
                all.append(serial)
                return true
            }
        }
        // A series has one value for a name, so none is in two lists.
        if pairs.count > 1 { all.sort() }
        return all
    }

    /// Makes candidates by testing all values of one label: of those that a series must have, the one with the
    /// fewest values.
    private func scan(_ tests: [PairTest]) -> (serials: [UInt32], tests: [PairTest]) {
        var best: (index: Int, name: UInt32, valueCount: Int)?
        for (index, test) in tests.enumerated() where !test.absentPasses {
            guard let name = test.name else { return ([], []) }
            let valueCount = pairs.names[Int(name)].pairs.count
            if best.map({ valueCount < $0.valueCount }) ?? true {
                best = (index, name, valueCount)
            }
        }
        guard let best else { return (Array(0..<UInt32(serialCount)), tests) }
        var others = tests
        var test = others.remove(at: best.index)
        var passing: [UInt32] = []
        for (place, pair) in pairs.names[Int(best.name)].pairs.enumerated()
        where test.passes(place: UInt32(place), of: best.name, in: self) {
            passing.append(pair)
        }
        guard serialCount(with: passing) * 2 < serialCount else {
            // Most series pass: their verdicts are cheaper to look up than so many serials to sort.
            return (Array(0..<UInt32(serialCount)), others + [test])
        }
        return (serials(with: passing), others)
    }

    /// Those of some ascending serials that have a pair.
    private func intersection(_ serials: [UInt32], with pair: UInt32) -> [UInt32] {
        var common: [UInt32] = []
        var position = 0
        _ = serials.withUnsafeBufferPointer { serials in
            pairs.visitSerials(with: pair) { serial in
                while position < serials.count, serials[position] < serial { position += 1 }
                guard position < serials.count else { return false }
                if serials[position] == serial { common.append(serial) }
                return true
            }
        }
        return common
    }

    /// Members of both ascending lists; the longer one is searched in steps that double.
    private static func intersection(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
        let (short, long) = left.count < right.count ? (left, right) : (right, left)
        var common: [UInt32] = []
        var position = 0
        for serial in short {
            var step = 1
            while position + step < long.count, long[position + step] < serial { step *= 2 }
            var low = position + step / 2
            var high = min(position + step, long.count)
            while low < high {
                let middle = (low + high) / 2
                if long[middle] < serial { low = middle + 1 } else { high = middle }
            }
            position = low
            guard position < long.count else { break }
            if long[position] == serial { common.append(serial) }
        }
        return common
    }
}
