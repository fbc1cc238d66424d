internal import ClusterInterface
internal import MetricsModel

/// A request for series, label sets, label names, values of one label, exemplars or metadata.
struct SelectMessage: WireMessage, Equatable {
    static let kind: UInt8 = 4

    var request: SelectRequest
    /// Whose values are wanted, or the metric whose metadata is; empty in the other requests.
    var label: String

    init(_ request: SelectRequest, label: String = "") {
        self.request = request
        self.label = label
    }

    init(_ request: MetadataRequest) {
        let everything = SelectRequest(tenant: request.tenant, matchers: [], range: .all)
        self.init(everything, label: request.metric ?? "")
    }

    /// The request for metadata that it stands for.
    var metadataRequest: MetadataRequest {
        MetadataRequest(tenant: request.tenant, metric: label.isEmpty ? nil : label)
    }

    /// An operation and two sizes.
    private static let leastMatcherSize = 9

    var bodySize: Int {
        var size = 4 + request.tenant.name.utf8.count + 16 + 4 + label.utf8.count + 4
        for matcher in request.matchers {
            size += Self.leastMatcherSize + matcher.name.utf8.count + matcher.value.utf8.count
        }
        return size
    }

    func write(into writer: inout WireWriter) {
        writer.text(request.tenant.name)
        writer.integer(request.range.start)
        writer.integer(request.range.end)
        writer.text(label)
        writer.integer(UInt32(request.matchers.count))
        for matcher in request.matchers {
            writer.integer(Self.code(of: matcher.operation))
            writer.text(matcher.name)
            writer.text(matcher.value)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        let tenantSize = try reader.integer(UInt32.self)
        let tenant = try reader.tenant(size: Int(tenantSize))
        let start = try reader.integer(Int64.self)
        let end = try reader.integer(Int64.self)
        label = try reader.text("label")
        let count = try reader.count(itemsOfAtLeast: Self.leastMatcherSize)
        var matchers: [LabelMatcher] = []
        for _ in 0..<count { matchers.append(try Self.matcher(from: &reader)) }
        request = SelectRequest(
            tenant: tenant,
            matchers: matchers,
            range: TimeRange(start: start, end: end)
        )
    }

    private static func matcher(from reader: inout WireReader) throws(WireError) -> LabelMatcher {
        let code = try reader.integer(UInt8.self)
        guard let operation = operation(of: code) else {
            throw .invalidField("operation", found: UInt64(code))
        }
        let name = try reader.text("matcher name")
        let value = try reader.text("matcher value")
        do throws(RegularExpressionError) {
            return try LabelMatcher(name: name, operation: operation, value: value)
        } catch {
            throw .invalidMatcher(String(describing: error))
        }
    }

    private static func code(of operation: LabelMatcher.Operation) -> UInt8 {
        switch operation {
        case .equal: 0
        case .notEqual: 1
        case .matches: 2
        case .notMatches: 3
        }
    }

    private static func operation(of code: UInt8) -> LabelMatcher.Operation? {
        switch code {
        case 0: .equal
        case 1: .notEqual
        case 2: .matches
        case 3: .notMatches
        default: nil
        }
    }
}
