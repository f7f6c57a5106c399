// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment.server;

import dev.mcpmtls.enrolment.CertsOnly;
import io.vertx.core.buffer.Buffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An answer in HTTP.
 *
 * @param isRefusal whether it counts against its address
 */
record Answer(int status, String type, Buffer body, Map<String, String> headers, boolean isRefusal) {

    /** Certificates; the transfer encoding is named for clients older than RFC 8951. */
    static Answer certificates(List<X509Certificate> certificates) {
        return new Answer(
                200,
                CertsOnly.MEDIA_TYPE + "; smime-type=certs-only",
                Buffer.buffer(CertsOnly.encode(certificates)),
                Map.of("Content-Transfer-Encoding", "base64"),
                false);
    }

    static Answer empty(int status) {
        return new Answer(status, "text/plain; charset=utf-8", Buffer.buffer(), Map.of(), false);
    }

    static Answer of(String type, byte[] body) {
        return new Answer(200, type, Buffer.buffer(body), Map.of(), false);
    }

    /** A sentence for the client's user (RFC 7030, section 4.2.3, allows plain text), and a line with the remedy. */
    static Answer told(int status, String sentence, Optional<String> remedy) {
        return told(status, remedy.map(line -> sentence + "\n" + line).orElse(sentence));
    }

    /** A sentence for the client's user. */
    static Answer told(int status, String sentence) {
        return new Answer(status, "text/plain; charset=utf-8", Buffer.buffer(sentence + "\n"), Map.of(), false);
    }

    Answer with(String header, String value) {
        return new Answer(status, type, body, Map.of(header, value), isRefusal);
    }

    Answer asRefusal() {
        return new Answer(status, type, body, headers, true);
    }
}
