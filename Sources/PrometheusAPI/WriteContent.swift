internal import HTTPTypes
internal import RemoteWrite

/// What a write request says its body is.
enum WriteContent {
    /// Why a body cannot be read; the sender may try another form.
    struct Unsupported: Error, CustomStringConvertible {
        let description: String
    }

    /// Checks that the body is remote write in a snappy block, and says of which version.
    ///
    /// Old clients that say nothing mean 1.0. The header with the protocol's version decides nothing.
    static func version(_ headers: HTTPFields) throws(Unsupported) -> WriteVersion {
        let version = try headers[.contentType].map(version(ofType:)) ?? .one
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "snappy" {
            throw Unsupported(
                description: "unsupported Content-Encoding \"\(encoding)\", expected \"snappy\""
            )
        }
        return version
    }

    private static func version(ofType type: String) throws(Unsupported) -> WriteVersion {
        let parts = type.split(separator: ";").map { part in
            part.filter { !$0.isWhitespace && $0 != "\"" }.lowercased()
        }
        guard parts.first == "application/x-protobuf" else {
            throw Unsupported(
                description: "unsupported Content-Type \"\(type)\", expected \(expected)"
            )
        }
        var version = WriteVersion.one
        for part in parts.dropFirst() where part.hasPrefix("proto=") {
            switch part.dropFirst(6) {
            case "prometheus.writerequest": version = .one
            case "io.prometheus.write.v2.request": version = .two
            default:
                throw Unsupported(
                    description: "unsupported message in Content-Type \"\(type)\", "
                        + "expected \(expected)"
                )
            }
        }
        return version
    }

    private static let expected =
        "application/x-protobuf with proto=prometheus.WriteRequest (remote write 1.0, as without "
        + "proto) or proto=io.prometheus.write.v2.Request (2.0)"
}
