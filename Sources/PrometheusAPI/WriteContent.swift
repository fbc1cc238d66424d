internal import HTTPTypes

/// What a write request says its body is.
enum WriteContent {
    /// Why a body cannot be read; the sender may try another form.
    struct Unsupported: Error, CustomStringConvertible {
        let description: String
    }

    /// Checks that the body is remote write 1.0 in a snappy block; old clients that say nothing mean just that.
    static func check(_ headers: HTTPFields) throws(Unsupported) {
        if let type = headers[.contentType] { try check(type: type) }
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "snappy" {
            throw Unsupported(
                description: "unsupported Content-Encoding \"\(encoding)\", expected \"snappy\""
            )
        }
    }

    private static func check(type: String) throws(Unsupported) {
        let parts = type.split(separator: ";").map { part in
            part.filter { !$0.isWhitespace }.lowercased()
        }
        guard parts.first == "application/x-protobuf" else {
            throw Unsupported(
                description: "unsupported Content-Type \"\(type)\", expected application/x-protobuf"
            )
        }
        for part in parts.dropFirst() where part.hasPrefix("proto=") {
            guard part == "proto=prometheus.writerequest" else {
                throw Unsupported(
                    description: "unsupported message \"\(part.dropFirst(6))\", "
                        + "expected proto=prometheus.WriteRequest (remote write 1.0)"
                )
            }
        }
    }
}
