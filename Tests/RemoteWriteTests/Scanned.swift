import RemoteWrite

/// A body with the columns that were scanned from it.
struct Scanned {
    private(set) var body: [UInt8] = []
    var request = DecodedWriteRequest()

    init() {}

    init(_ body: [UInt8], version: WriteVersion = .one) throws(WireError) {
        try scan(body, version: version)
    }

    mutating func scan(
        _ body: [UInt8],
        version: WriteVersion = .one,
        limits: WriteRequestLimits = WriteRequestLimits()
    ) throws(WireError) {
        self.body = body
        let result = body.withUnsafeBytes { bytes in
            Result { () throws(WireError) in
                switch version {
                case .one: try WriteRequestScanner.scan(bytes, limits: limits, into: &request)
                case .two: try SymbolRequestScanner.scan(bytes, limits: limits, into: &request)
                }
            }
        }
        try result.get()
    }

    @discardableResult
    mutating func canonicalise(
        row: Int,
        maximumLabels: Int = 4096
    ) throws(SeriesKeyError) -> Bool {
        let result = body.withUnsafeBytes { bytes in
            Result { () throws(SeriesKeyError) in
                try request.canonicalise(row: row, in: bytes, maximumLabels: maximumLabels)
            }
        }
        return try result.get()
    }

    func key(ofRow row: Int) -> [UInt8] {
        body.withUnsafeBytes { body in request.withKey(ofRow: row, in: body) { Array($0) } }
    }

    var keys: [[UInt8]] { request.rows.indices.map(key(ofRow:)) }
}
