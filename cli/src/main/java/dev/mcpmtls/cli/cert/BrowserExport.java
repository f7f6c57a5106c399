// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.runtime.ConfiguredCredentials;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;

/** A credential as PKCS#12 (RFC 7292), in an owner-only file under a random password, for the import into a browser. */
final class BrowserExport {

    /** Letters and digits that are not taken for each other: 32 of them, five bits each. */
    private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

    private static final int CHARACTERS = 26;

    private record Exported(String file, String password) {}

    private BrowserExport() {}

    /** Writes a credential to a file, {@code NAME.p12} unless another is named, and prints the file's new password once. */
    static void export(Invocation invocation, String name, Optional<Path> out) {
        Settings settings = invocation.settings();
        Credential credential = ConfiguredCredentials.named(settings, name);
        Path file = out.orElseGet(() -> Path.of(credential.name() + ".p12"));
        char[] password = password();
        write(credential, file, password);
        Console console = invocation.console();
        if (invocation.wantsJson()) {
            console.json(new Exported(file.toString(), new String(password)));
        } else {
            console.print("wrote " + file + "; its password is " + new String(password));
            console.print("Import it into the browser as a personal certificate, and "
                    + ConfiguredCredentials.location(settings, name).resolve("ca.crt")
                    + " as an authority for web sites; then delete " + file + ".");
        }
    }

    /** A new password of 130 random bits. */
    static char[] password() {
        SecureRandom random = new SecureRandom();
        char[] password = new char[CHARACTERS];
        for (int i = 0; i < password.length; i++) {
            password[i] = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
        }
        return password;
    }

    /** Writes the file; replaces one of ours. */
    static void write(Credential credential, Path file, char[] password) {
        byte[] contents = encoded(credential, password);
        try {
            OwnedFiles.replace(file, contents, OwnedFiles.Readers.NONE);
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, "cannot write " + file + ": " + Failures.reason(e), e);
        } finally {
            Arrays.fill(contents, (byte) 0);
        }
    }

    private static byte[] encoded(Credential credential, char[] password) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    credential.name(),
                    credential.privateKey(),
                    password,
                    credential.chain().certificates().toArray(X509Certificate[]::new));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            store.store(out, password);
            return out.toByteArray();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("a credential that was loaded fits into PKCS#12", e);
        }
    }
}
