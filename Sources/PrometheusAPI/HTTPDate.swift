internal import Glibc
internal import Synchronization

/// The `Date` of answers (RFC 9110, section 5.6.7), written once a second.
enum HTTPDate {
    private static let latest = Mutex((second: time_t.min, text: ""))

    static func now() -> String {
        let second = time(nil)
        return latest.withLock { latest in
            if latest.second != second { latest = (second, text(second)) }
            return latest.text
        }
    }

    static func text(_ second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            // The process never leaves the C locale, so these are English names.
            let count = strftime(
                buffer.baseAddress,
                buffer.count,
                "%a, %d %b %Y %H:%M:%S GMT",
                &parts
            )
            return String(decoding: UnsafeRawBufferPointer(buffer).prefix(count), as: UTF8.self)
        }
    }
}
