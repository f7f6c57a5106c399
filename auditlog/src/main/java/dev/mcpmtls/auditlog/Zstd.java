// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.github.luben.zstd.util.Native;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.ZipException;

/** Zstandard (RFC 8878), where its native library is available. Loaded when the first rotated file needs it. */
final class Zstd {

    private static final int FASTEST = 1;

    private Zstd() {}

    static boolean isAvailable() {
        try {
            Native.load();
            return true;
        } catch (LinkageError e) { // no library for this system, or one that may not be executed where it was unpacked
            return false;
        }
    }

    static OutputStream compress(OutputStream sink) throws IOException {
        ZstdOutputStreamNoFinalizer zstd = new ZstdOutputStreamNoFinalizer(sink, FASTEST);
        zstd.setChecksum(true);
        return zstd;
    }

    static InputStream decompress(InputStream source) throws IOException {
        if (!isAvailable()) {
            throw new IOException("zstd has no library for this system; decompress the file with 'zstd -d' first");
        }
        return new Content(source);
    }

    /** Reports damage as gzip does; an empty file too, which Zstandard regards as no frames (RFC 8878, section 3). */
    private static final class Content extends FilterInputStream {

        private boolean isEmpty = true;

        Content(InputStream source) throws IOException {
            super(new ZstdInputStreamNoFinalizer(source));
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int read = super.read(bytes, offset, length);
                if (read < 0 && isEmpty) {
                    throw new EOFException("no content");
                }
                isEmpty = false;
                return read;
            } catch (ZstdIOException e) {
                throw (ZipException) new ZipException(e.getMessage()).initCause(e);
            }
        }
    }
}
