// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An authority with the credentials of {@code init}, its clock and its audit log in the hands of the test. */
abstract class OpenAuthority {

    static final Grant BACKUP = Grant.agent("demo.local", "backup");

    final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path directory;

    Store store;
    Authority authority;

    @BeforeEach
    void initialise() {
        store = Store.at(directory.resolve("store"));
        fixed.initialise(store);
        fixed.events.clear();
        authority = fixed.open(store);
    }

    Authority open(Store locked, String passphrase) {
        return Authority.open(locked, Optional.of(Passphrase.of(passphrase.toCharArray())), fixed.surroundings);
    }

    X509Certificate leaf(String name) throws Exception {
        byte[] pem = Files.readAllBytes(store.credential(name).resolve("tls.crt"));
        return Pem.parseCertificates(pem).get(0);
    }

    X509CRL list() throws Exception {
        try (InputStream in = Files.newInputStream(store.revocationList())) {
            return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
        }
    }

    static BigInteger number(X509CRL list) {
        byte[] value = list.getExtensionValue("2.5.29.20");
        return new BigInteger(Arrays.copyOfRange(value, 4, value.length));
    }
}
