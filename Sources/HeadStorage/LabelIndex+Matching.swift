internal import MetricsModel

extension LabelIndex {
    /// Serials of the living series that pass all matchers, ascending.
    ///
    /// Matchers that name their values are answered by intersecting postings, shortest first. If there
    /// are none, the matcher with the fewest values to look at makes the candidates. What remains is
    /// tested on the candidates, once for each distinct value among them.
    func series(matching matchers: [LabelMatcher]) -> [UInt32] {
        var lists: [[UInt32]] = []
        var tests: [PairTest] = []
        for matcher in matchers where !matcher.matchesEverything {
            if !matcher.matchesEmpty, let literals = matcher.literals {
                lists.append(serials(name: matcher.name, values: literals))
                if lists.last?.isEmpty == true { return [] }
            } else {
                let test = PairTest(matcher, symbols.find(matcher.name), pairCount: pairNames.count)
                tests.append(test)
            }
        }
        if lists.isEmpty {
            guard let scanned = scan(&tests) else { return [] }
            lists = [scanned]
        }
        let candidates = intersection(lists)
        if tests.isEmpty, deadCount == 0 { return candidates }
        return candidates.filter { serial in
            number(of: serial) != nil
                && tests.indices.allSatisfy { passes(serial, &tests[$0]) }
        }
    }

    /// Serials of the series whose label has one of some values, each named once.
    private func serials(name: String, values: [String]) -> [UInt32] {
        guard let name = symbols.find(name) else { return [] }
        let pairs = values.compactMap { value in
            symbols.find(value).flatMap { pair(name: name, value: $0) }
        }
        return union(of: pairs)
    }

    private func union(of pairs: [UInt32]) -> [UInt32] {
        if pairs.count == 1 { return serials(with: pairs[0]) }
        var all: [UInt32] = []
        all.reserveCapacity(pairs.reduce(0) { $0 + serialCount(with: $1) })
        for pair in pairs { all.append(contentsOf: serials(with: pair)) }
        // A series has one value for a name, so none is in two lists.
        all.sort()
        return all
    }

    /// Makes candidates by testing all values of one label, and takes its test off the list.
    ///
    /// - Returns: nil if no series can pass.
    private func scan(_ tests: inout [PairTest]) -> [UInt32]? {
        var best: (index: Int, valueCount: Int)?
        for (index, test) in tests.enumerated() where !test.absentPasses {
            guard let name = test.name else { return nil }
            let valueCount = pairsOfName[name]?.count ?? 0
            if best.map({ valueCount < $0.valueCount }) ?? true { best = (index, valueCount) }
        }
        guard let best, let name = tests[best.index].name else {
            return livingSerials
        }
        var test = tests.remove(at: best.index)
        let pairs = (pairsOfName[name] ?? []).filter { test.passes($0, in: self) }
        return union(of: pairs)
    }

    /// Whether a series passes one test.
    private func passes(_ serial: UInt32, _ test: inout PairTest) -> Bool {
        guard let name = test.name else { return test.absentPasses }
        for pair in pairs(of: serial) where pairNames[Int(pair)] == name {
            return test.passes(pair, in: self)
        }
        return test.absentPasses
    }

    private func intersection(_ lists: [[UInt32]]) -> [UInt32] {
        let sorted = lists.sorted { $0.count < $1.count }
        guard var result = sorted.first else { return [] }
        for list in sorted.dropFirst() { result = Self.intersection(result, list) }
        return result
    }

    /// Members of both lists; the second is searched in steps that double.
    private static func intersection(_ short: [UInt32], _ long: [UInt32]) -> [UInt32] {
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

/// A matcher's verdicts on the pairs of its label, each reached once.
private struct PairTest {
    let matcher: LabelMatcher
    /// Symbol of the label's name; nil where no series has the label.
    let name: UInt32?
    /// Whether a series without the label passes.
    let absentPasses: Bool
    private var verdicts: [Verdict]

    private enum Verdict: UInt8 {
        case unknown
        case passes
        case fails
    }

    init(_ matcher: LabelMatcher, _ name: UInt32?, pairCount: Int) {
        self.matcher = matcher
        self.name = name
        absentPasses = matcher.matchesEmpty
        verdicts = name == nil ? [] : [Verdict](repeating: .unknown, count: pairCount)
    }

    mutating func passes(_ pair: UInt32, in index: LabelIndex) -> Bool {
        switch verdicts[Int(pair)] {
        case .passes: return true
        case .fails: return false
        case .unknown:
            let value = index.pairValues[Int(pair)]
            let passes = index.symbols.withBytes(of: value) { matcher.matches($0) }
            verdicts[Int(pair)] = passes ? .passes : .fails
            return passes
        }
    }
}
