internal import MetricsModel

/// An instant vector whose elements are computed when they are asked for, each at all steps at once.
///
/// Elements may turn out to have no value. Several threads compute elements at once, each with its own
/// memory; the labels of elements with values differ.
protocol ElementStream: AnyObject, Sendable {
    /// Elements, those without values included.
    var count: Int { get }

    /// The labels of an element.
    func labels(at index: Int) -> Labels

    /// Whether all elements have the same name, so that they would differ without it.
    var hasOneName: Bool { get }

    /// Writes those labels of an element that a projection keeps, as a canonical key, behind `key`.
    func project(_ index: Int, _ projection: LabelProjection, into key: inout [UInt8])

    /// Whether the name of an element is only kept until the end of the query.
    func dropsName(at index: Int) -> Bool

    /// Computes an element into the memory's column.
    func compute(_ index: Int, _ memory: EvaluationMemory) throws(EvaluationError)
}

/// What one thread needs to compute elements, used again from element to element.
///
/// Not sendable: only one thread has it at a time.
final class EvaluationMemory {
    /// The element that was computed last.
    let column: StepColumn
    /// The samples of a series.
    var samples = SampleColumns()
    var annotations = Annotations()
    /// See ``QueryStatistics``.
    var samplesProcessed = 0
    var samplesRead = 0
    /// The same by step; nil where nobody asks.
    var stepCounts: StepCounts?
    /// What the thread computes of windows, where elements come from a range function.
    var windows: WindowRunner?
    /// Counts what the thread does, from element to element.
    var stopCheck: StopCheck

    init(stepCount: Int, _ control: EvaluationControl) {
        column = StepColumn(stepCount: stepCount)
        stopCheck = StopCheck(control)
    }
}

/// Elements that have been computed already.
final class ListStream: ElementStream {
    let columns: [SeriesColumn]

    init(_ columns: [SeriesColumn]) {
        self.columns = columns
    }

    var count: Int { columns.count }

    func labels(at index: Int) -> Labels { columns[index].labels }

    var hasOneName: Bool {
        guard let first = columns.first?.labels.keeping(.reserved) else { return true }
        return columns.allSatisfy { $0.labels.keeping(.reserved) == first }
    }

    func project(_ index: Int, _ projection: LabelProjection, into key: inout [UInt8]) {
        columns[index].labels.key.withUnsafeBufferPointer { projection.project($0, into: &key) }
    }

    func dropsName(at index: Int) -> Bool { columns[index].dropsName }

    func compute(_ index: Int, _ memory: EvaluationMemory) { memory.column.assign(columns[index]) }
}
