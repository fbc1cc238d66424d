import Glibc
public import Logging

/// Writes structured log lines, one `write(2)` each, to standard error.
public struct ServiceLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let clock: @Sendable () -> Int64
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - clock: Milliseconds since the Unix epoch.
    ///   - write: Gets each whole line with its newline.
    public init(
        label: String,
        format: LogFormat,
        level: Logger.Level,
        metadataProvider: Logger.MetadataProvider? = nil,
        clock: @escaping @Sendable () -> Int64 = LogTimestamp.now,
        write: @escaping @Sendable (String) -> Void = StandardError.write
    ) {
        self.label = label
        self.format = format
        self.logLevel = level
        self.metadataProvider = metadataProvider
        self.clock = clock
        self.write = write
    }

    /// Makes every logger of the process write here; once, before the first logger is made.
    public static func bootstrap(_ settings: TelemetrySettings) {
        LoggingSystem.bootstrap { label in
            Self(label: label, format: settings.logFormat, level: settings.logLevel)
        }
    }

    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error, fields["error"] == nil { fields["error"] = "\(error)" }
        var line = LogLine(
            format,
            time: LogTimestamp.text(milliseconds: clock()),
            level: event.level,
            message: event.message.description,
            logger: label
        )
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { line.add(name, value) }
        write(line.finished())
    }
}

/// The process's standard error.
public enum StandardError {
    /// Writes a whole text with one `write(2)`, more only if the system takes it in parts.
    ///
    /// What cannot be written is lost: there is no place to report it.
    @Sendable
    public static func write(_ text: String) { write(text, to: STDERR_FILENO) }

    /// The same for any open file.
    package static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty, let base = rest.baseAddress {
                let count = Glibc.write(descriptor, base, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
