internal import MetricsModel

/// What the directory alone says about a set of matchers: which metrics and which pages can matter.
struct SelectionPlan: Sendable {
    /// Indexes of metrics that pass every test the directory can make, ascending.
    let metrics: [Int]
    /// The tests left for the label tables.
    let tests: [LabelTest]

    init(_ matchers: [LabelMatcher], directory: BlockDirectory) {
        let onName = matchers.filter { $0.name == Labels.metricName }
        let tests = matchers.filter { $0.name != Labels.metricName }.map {
            LabelTest(matcher: $0, name: directory.index(ofLabelName: $0.name))
        }
        let demanding = tests.filter { !$0.matcher.matchesEmpty }
        metrics = Self.candidates(onName, directory: directory).filter { index in
            let metric = directory.metrics[index]
            return demanding.allSatisfy { test in
                test.name.map { metric.has(labelName: $0) } ?? false
            }
        }
        self.tests = tests
    }

    /// The pages that hold label tables of the metrics, in order.
    func labelPages(in directory: BlockDirectory) -> [BlockPage] {
        var pages: [BlockPage] = []
        for index in metrics {
            let holding = directory.labelPages.holding(directory.metrics[index].rows)
            // Neighbouring metrics share pages; both lists ascend.
            let next = (pages.last?.index ?? -1) + 1
            pages.append(contentsOf: holding.drop { $0.index < next })
        }
        return pages
    }

    /// Metrics whose name passes, found by search where a matcher names a few or how they start.
    private static func candidates(
        _ matchers: [LabelMatcher],
        directory: BlockDirectory
    ) -> [Int] {
        let indexes: [Int]
        if let literals = matchers.lazy.compactMap(\.literals).first {
            indexes = literals.compactMap { directory.index(ofMetric: $0) }.sorted()
        } else if let prefix = matchers.map(\.literalPrefix).max(by: { $0.count < $1.count }) {
            indexes = Array(directory.metrics(startingWith: prefix))
        } else {
            indexes = Array(directory.metrics.indices)
        }
        return indexes.filter { index in
            directory.metrics[index].nameBytes.withUnsafeBufferPointer { name in
                matchers.allSatisfy { $0.matches(name) }
            }
        }
    }
}

extension BlockDirectory {
    /// Returns the index of a metric, or nil if the block has none of this name.
    func index(ofMetric name: String) -> Int? {
        let index = firstMetric { !$0.lexicographicallyPrecedes(name.utf8) }
        guard index < metrics.count, name.utf8.elementsEqual(metrics[index].nameBytes) else {
            return nil
        }
        return index
    }

    /// Returns the indexes of the metrics whose name starts with some bytes.
    func metrics(startingWith prefix: [UInt8]) -> Range<Int> {
        let start = firstMetric { !$0.lexicographicallyPrecedes(prefix) }
        let end = firstMetric {
            !$0.lexicographicallyPrecedes(prefix) && !$0.starts(with: prefix)
        }
        return start..<end
    }

    /// Returns the first metric whose name passes, given that all after it do.
    private func firstMetric(where passes: ([UInt8]) -> Bool) -> Int {
        var low = 0
        var high = metrics.count
        while low < high {
            let middle = low + (high - low) / 2
            if passes(metrics[middle].nameBytes) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
