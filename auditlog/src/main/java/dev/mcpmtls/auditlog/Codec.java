// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** The forms in which rotated files are compressed. A busy server pays for it with every call, so each is used at its fastest. */
enum Codec {
    /** A fifth of gzip's time, for smaller files; its library is native, and not there on every system. */
    ZSTD(".zst"),
    GZIP(".gz");

    private static final int BUFFER = 1 << 16;

    private final String suffix;

    Codec(String suffix) {
        this.suffix = suffix;
    }

    /** The codec for new files on this system. */
    static Codec preferred() {
        return Zstd.isAvailable() ? ZSTD : GZIP;
    }

    /** The codec of a file, by its name; empty for a plain one. */
    static Optional<Codec> of(Path file) {
        String name = file.toString();
        return name.endsWith(ZSTD.suffix)
                ? Optional.of(ZSTD)
                : name.endsWith(GZIP.suffix) ? Optional.of(GZIP) : Optional.empty();
    }

    Path nameFor(Path plain) {
        return plain.resolveSibling(plain.getFileName() + suffix);
    }

    OutputStream compress(OutputStream sink) throws IOException {
        return this == ZSTD ? Zstd.compress(sink) : new FastGzip(sink);
    }

    /** The content; content that is cut off or damaged ends with an {@code EOFException} or a {@code ZipException}. */
    InputStream decompress(InputStream source) throws IOException {
        return this == ZSTD ? Zstd.decompress(source) : new GZIPInputStream(source, BUFFER);
    }

    private static final class FastGzip extends GZIPOutputStream {

        FastGzip(OutputStream sink) throws IOException {
            super(sink, BUFFER);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
