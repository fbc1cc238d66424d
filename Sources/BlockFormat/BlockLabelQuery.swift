public import MetricsModel

/// The label names, or the values of one label, of the series of one block that pass matchers.
///
/// Answers from the directory where that suffices; otherwise needs label pages, never samples.
public struct BlockLabelQuery: Sendable {
    /// What is asked for.
    public enum Question: Sendable, Hashable {
        case labelNames
        /// The values of the label with this name.
        case labelValues(String)
    }

    private let question: Question
    private let directory: BlockDirectory
    private let plan: SelectionPlan
    private let pages: [NeededPage]
    private var isDone = false
    private var found: Set<[UInt8]> = []

    /// - Parameter matchers: All must pass; none select every series.
    public init(_ question: Question, directory: BlockDirectory, matchers: [LabelMatcher]) {
        self.question = question
        self.directory = directory
        var demands = matchers
        // Metrics without the label have no values of it.
        if case .labelValues(let name) = question, name != Labels.metricName,
            let exists = try? LabelMatcher(name: name, operation: .notEqual, value: "")
        {
            demands.append(exists)
        }
        plan = SelectionPlan(demands, directory: directory)
        if plan.tests.isEmpty {
            pages = []
            isDone = true
            answerFromDirectory()
        } else {
            pages = plan.labelPages(in: directory).map { NeededPage(page: $0) }
            isDone = pages.isEmpty
        }
    }

    /// The pages still to be supplied, in order; empty once done.
    public var neededPages: [NeededPage] { isDone ? [] : pages }

    /// The byte ranges of the body still to be supplied, ascending; empty once done.
    public var need: [Range<Int>] { neededPages.map(\.range) }

    /// The answer, ascending; complete once ``need`` is empty.
    public var answer: [String] {
        found.sorted { $0.lexicographicallyPrecedes($1) }.map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Reads label pages; on an error, nothing changes.
    ///
    /// - Parameter bytes: The bytes of ``need``, in that order. Not trusted.
    public mutating func supply(_ bytes: [[UInt8]]) throws(BlockFormatError) {
        guard !isDone else { return }
        supply(try pages.open(bytes, directory: directory))
    }

    /// Takes the pages of ``neededPages``, in that order.
    public mutating func supply(_ open: [OpenPage]) {
        for table in open.tables(of: plan.metrics) { collect(table, into: &found) }
        isDone = true
    }

    /// Answers by metrics alone: all their series pass.
    private mutating func answerFromDirectory() {
        for index in plan.metrics {
            let metric = directory.metrics[index]
            let name = metric.nameBytes
            switch question {
            case .labelNames:
                if !name.isEmpty { found.insert(Array(Labels.metricName.utf8)) }
                for label in metric.labels { found.insert(directory.labelNameBytes[label.name]) }
            case .labelValues:
                if !name.isEmpty { found.insert(name) }
            }
        }
    }

    private func collect(_ table: LabelTable, into answer: inout Set<[UInt8]>) {
        let rows = table.rows(passing: plan.tests)
        guard !rows.isEmpty else { return }
        let metric = directory.metrics[table.metric].nameBytes
        switch question {
        case .labelNames:
            if !metric.isEmpty { answer.insert(Array(Labels.metricName.utf8)) }
            for column in table.columns where rows.contains(where: { column.index(of: $0) > 0 }) {
                answer.insert(directory.labelNameBytes[column.name])
            }
        case .labelValues(Labels.metricName):
            if !metric.isEmpty { answer.insert(metric) }
        case .labelValues(let name):
            guard let index = directory.index(ofLabelName: name),
                let column = table.column(named: index)
            else { return }
            var used = [Bool](repeating: false, count: column.valueCount + 1)
            for row in rows { used[column.index(of: row)] = true }
            for value in 1..<used.count where used[value] {
                answer.insert(Array(column.value(value)))
            }
        }
    }
}
