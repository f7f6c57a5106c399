// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.remedy.Remedy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Words messages about a key file that holds something else, or a key in a form that is not supported. */
final class ForeignKey {

    private static final String TO_PKCS8 = "openssl pkcs8 -topk8 -v2 aes-256-cbc -in %s -out NEW.key";

    /** Contents found instead of a private key, by the label of the PEM block. */
    private static final Map<String, String> INSTEAD = Map.of(
            "CERTIFICATE", "a certificate, which belongs in tls.crt; were the two swapped?",
            "TRUSTED CERTIFICATE", "a certificate, which belongs in tls.crt; were the two swapped?",
            "PUBLIC KEY", "a public key; give the private key that it was derived from",
            "RSA PUBLIC KEY", "a public key; give the private key that it was derived from",
            "CERTIFICATE REQUEST", "a certificate request; give the key that it was made with",
            "NEW CERTIFICATE REQUEST", "a certificate request; give the key that it was made with",
            "X509 CRL", "a revocation list; give the private key of tls.crt");

    private static final Map<String, String> CIPHERS = Map.of(
            "2.16.840.1.101.3.4.1.2", "AES-128",
            "2.16.840.1.101.3.4.1.22", "AES-192",
            "2.16.840.1.101.3.4.1.42", "AES-256",
            "1.2.840.113549.3.7", "triple DES",
            "1.3.14.3.2.7", "DES",
            "1.3.6.1.4.1.11591.4.11", "scrypt",
            "1.2.840.113549.1.5.12", "PBKDF2");

    private static final String DSA = "1.2.840.10040.4.1";
    private static final String EC = "1.2.840.10045.2.1";

    private ForeignKey() {}

    /** The encryption that preceded PKCS#8. */
    static UnusableCredentialException inTraditionalEncryption(Path file, String cipher) {
        return unusable(
                file,
                "its private key is in OpenSSL's traditional encryption (" + cipher
                        + ", with a key from one round of MD5), which is not safe",
                "convert it with '" + TO_PKCS8.formatted(file) + "'");
    }

    /** A file without any private key. */
    static UnusableCredentialException insteadOfAKey(Path file, byte[] contents, List<Pem.Block> blocks) {
        for (Pem.Block block : blocks) {
            String found = INSTEAD.get(block.label());
            if (found != null) {
                return new UnusableCredentialException(file + " holds no private key but " + found);
            }
        }
        String text = new String(contents, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PuTTY-User-Key-File")) {
            return unusable(
                    file,
                    "its private key is in PuTTY's format",
                    "export it with 'puttygen " + file
                            + " -O private-openssh -o NEW.key', then run 'ssh-keygen -p -m PKCS8 -f NEW.key'");
        }
        if (text.contains("PRIVATE KEY-----")) {
            return unusable(file, "its PEM block is cut off", "restore the file");
        }
        if (contents.length > 0 && contents[0] == Der.SEQUENCE) {
            return unusable(
                    file,
                    "it is DER, and PEM is expected",
                    "convert a key with 'openssl pkey -inform DER -in " + file
                            + " -out NEW.key', or name a PKCS#12 file itself as the credential");
        }
        return new UnusableCredentialException(
                file + " holds no private key in PEM (a PKCS#8, PKCS#1 or SEC1 block)", Restoration.ofFile(file));
    }

    /** The contents of a file without any certificate, as the end of a sentence that says so. */
    static String insteadOfACertificate(byte[] contents) {
        List<String> labels =
                Pem.blocks(contents).stream().map(Pem.Block::label).toList();
        if (labels.stream().anyMatch(label -> label.endsWith("PRIVATE KEY"))) {
            return " but a private key, which belongs in tls.key; were the two swapped?";
        }
        if (contents.length == 0) {
            return ": it is empty; PEM is expected, leaf first";
        }
        return labels.stream().anyMatch(label -> label.endsWith("CERTIFICATE REQUEST"))
                ? " but a certificate request, which an authority has to sign first"
                : "; PEM is expected, leaf first";
    }

    /**
     * A private key in a form or of a kind that is not supported.
     *
     * @param pkcs8 as far as it was decrypted; empty where it was not
     */
    static UnusableCredentialException unreadable(Path file, Pem.Block block, byte[] pkcs8) {
        Remedy newKey = newKey(file);
        return switch (block.label()) {
            case "OPENSSH PRIVATE KEY" ->
                unusable(
                        file,
                        "its private key is in OpenSSH's format",
                        "convert a copy of it with 'ssh-keygen -p -m PKCS8 -f COPY.key'");
            case "DSA PRIVATE KEY" ->
                unusable(file, "its private key is a DSA key, which TLS 1.3 does not support", newKey);
            case "EC PRIVATE KEY" ->
                pkcs8.length > 0
                        ? ofAnotherKind(file, pkcs8, newKey)
                        : unusable(
                                file,
                                "its EC private key is damaged or does not name its curve",
                                "write it again with 'openssl ec -in " + file
                                        + " -param_enc named_curve -out NEW.key'");
            case "ENCRYPTED PRIVATE KEY" ->
                pkcs8.length == 0 ? encrypted(file, block) : ofAnotherKind(file, pkcs8, newKey);
            case "PRIVATE KEY", "RSA PRIVATE KEY" -> ofAnotherKind(file, pkcs8, newKey);
            default ->
                unusable(file, "its private key is of the kind " + block.label() + ", which is not supported", newKey);
        };
    }

    private static Remedy newKey(Path file) {
        Remedy remedy = Remedy.of("make a new one");
        return Restoration.act(file)
                .map(remedy::by)
                .orElse(remedy)
                .then(", or have your authority certify an EC P-256 key");
    }

    private static UnusableCredentialException encrypted(Path file, Pem.Block block) {
        List<String> schemes = new ArrayList<>();
        try {
            for (Der element :
                    Der.parse(block.der()).children(Der.SEQUENCE).get(0).children(Der.SEQUENCE)) {
                names(element, schemes);
            }
        } catch (MalformedDerException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return unusable(file, "its encrypted private key is damaged", "restore the file");
        }
        String used = schemes.isEmpty() ? "an old or unknown scheme" : String.join(" with ", schemes);
        return unusable(
                file,
                "its private key is encrypted with " + used
                        + ", but only AES-128 and AES-256 with PBKDF2 are supported",
                "convert it with 'openssl pkey -in " + file + " | " + TO_PKCS8.formatted("/dev/stdin") + "'");
    }

    private static void names(Der element, List<String> found) throws MalformedDerException {
        if (element.tag() == Der.OID) {
            String name = CIPHERS.get(element.asOid());
            if (name != null) {
                found.add(0, name);
            }
        } else if (element.tag() == Der.SEQUENCE) {
            for (Der child : element.children()) {
                names(child, found);
            }
        }
    }

    private static UnusableCredentialException ofAnotherKind(Path file, byte[] pkcs8, Remedy newKey) {
        try {
            String algorithm = Der.parse(pkcs8)
                    .children(Der.SEQUENCE)
                    .get(1)
                    .children(Der.SEQUENCE)
                    .get(0)
                    .asOid();
            if (algorithm.equals(DSA)) {
                return unusable(file, "its private key is a DSA key, which TLS 1.3 does not support", newKey);
            }
            if (algorithm.equals(EC)) {
                return unusable(
                        file, "its EC private key is damaged, or on another curve than P-256, P-384 and P-521", newKey);
            }
            if (!PrivateKeys.isRead(algorithm)) {
                return unusable(
                        file, "its private key is neither RSA, EC nor EdDSA (algorithm " + algorithm + ")", newKey);
            }
            return unusable(
                    file,
                    "its private key is damaged",
                    Remedy.of("restore the file, or ").then(newKey));
        } catch (MalformedDerException | IndexOutOfBoundsException e) {
            return unusable(
                    file,
                    "its private key is damaged",
                    Remedy.of("restore the file, or ").then(newKey));
        }
    }

    private static UnusableCredentialException unusable(Path file, String why, String remedy) {
        return unusable(file, why, Remedy.of(remedy));
    }

    private static UnusableCredentialException unusable(Path file, String why, Remedy remedy) {
        return new UnusableCredentialException("cannot use " + file + ": " + why, remedy);
    }
}
