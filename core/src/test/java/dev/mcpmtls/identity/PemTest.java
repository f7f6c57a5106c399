// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PemTest {

    private static final Path FILE = Path.of("x.pem");

    /** RFC 7468, section 2: lines of 64 characters. */
    @Test
    void writesABlockThatItReadsBack() {
        byte[] der = new byte[100];
        byte[] pem = Pem.encode("X509 CRL", der);

        assertThat(new String(pem, StandardCharsets.US_ASCII))
                .isEqualTo("-----BEGIN X509 CRL-----\n" + "A".repeat(64) + "\n" + "A".repeat(64) + "\n" + "AAAAAA==\n"
                        + "-----END X509 CRL-----\n");
        assertThat(Pem.decode(FILE, pem, "X509 CRL")).singleElement().isEqualTo(der);
        assertThat(Pem.decode(FILE, pem, "CERTIFICATE")).isEmpty();
    }

    @Test
    void refusesADamagedBlock() {
        byte[] pem = "-----BEGIN X509 CRL-----\nA\n-----END X509 CRL-----\n".getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> Pem.decode(FILE, pem, "X509 CRL"))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("damaged X509 CRL block");
    }
}
