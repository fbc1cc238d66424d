/// What is wrong with a series' labels, or with what comes with them, with the values that show it.
public enum SeriesFault: Error, Equatable, CustomStringConvertible {
    case missingMetricName
    /// The metric's name is not UTF-8.
    case metricNameInvalid
    /// A label's name is empty or not UTF-8.
    case labelNameInvalid(name: String)
    /// A label's value is not UTF-8.
    case labelValueInvalid(name: String)
    case duplicateLabelName(String)
    case labelNameTooLong(name: String, length: Int, limit: Int)
    case labelValueTooLong(name: String, length: Int, limit: Int)
    /// `count` is nil where the labels were too many to be counted.
    case tooManyLabelNames(count: Int?, limit: Int)
    case labelsSizeExceeded(size: Int, limit: Int)
    /// Remote write 2.0 allows one kind only.
    case samplesAndHistograms

    public var reason: DiscardReason {
        switch self {
        case .missingMetricName: .missingMetricName
        case .metricNameInvalid: .metricNameInvalid
        case .labelNameInvalid: .labelInvalid
        case .labelValueInvalid: .labelValueInvalid
        case .duplicateLabelName: .duplicateLabelNames
        case .labelNameTooLong: .labelNameTooLong
        case .labelValueTooLong: .labelValueTooLong
        case .tooManyLabelNames: .tooManyLabelNames
        case .labelsSizeExceeded: .labelsSizeExceeded
        case .samplesAndHistograms: .samplesAndHistograms
        }
    }

    public var description: String {
        switch self {
        case .missingMetricName: "series has no metric name"
        case .metricNameInvalid: "metric name is not valid UTF-8"
        case .labelNameInvalid(let name): "label name \"\(name)\" is empty or not valid UTF-8"
        case .labelValueInvalid(let name): "value of label \"\(name)\" is not valid UTF-8"
        case .duplicateLabelName(let name): "label name \"\(name)\" is there twice"
        case .labelNameTooLong(let name, let length, let limit):
            "label name \"\(name)\" has \(length) bytes, limit \(limit)"
        case .labelValueTooLong(let name, let length, let limit):
            "value of label \"\(name)\" has \(length) bytes, limit \(limit)"
        case .tooManyLabelNames(let count, let limit):
            "series has \(count.map(String.init) ?? "too many") labels, limit \(limit)"
        case .labelsSizeExceeded(let size, let limit):
            "labels of the series have \(size) bytes, limit \(limit)"
        case .samplesAndHistograms:
            "series has samples as well as native histograms, which remote write 2.0 does not allow"
        }
    }
}
