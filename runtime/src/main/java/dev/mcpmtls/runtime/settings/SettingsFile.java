// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** Reads the YAML file as a stream, so that every key and value is known with its line. */
final class SettingsFile {

    private static final YAMLFactory YAML = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final String SERVERS = "servers.";
    private static final Pattern OAUTH = Pattern.compile("servers\\.[^.]+\\.oauth");
    private static final int MAX_BYTES = 1024 * 1024;

    private final Path file;
    private final List<Assignment> found = new ArrayList<>();
    private final List<ServerEntry> entries = new ArrayList<>();
    private final Map<String, OauthEntry> oauth = new HashMap<>();

    /** A file's settings, the servers of the operator's own in it, and the access tokens that servers take, by the server's name. */
    record Loaded(List<Assignment> settings, List<ServerEntry> entries, Map<String, OauthEntry> oauth) {}

    private SettingsFile(Path file) {
        this.file = file;
    }

    static Loaded load(Path file) {
        SettingsFile reading = new SettingsFile(file);
        try (JsonParser yaml = YAML.createParser(ObjectReadContext.empty(), text(file))) {
            JsonToken start = yaml.nextToken();
            if (start == JsonToken.START_OBJECT) {
                reading.readObject(yaml, "");
                reading.requireEnd(yaml);
            } else if (start != null && start != JsonToken.VALUE_NULL) {
                throw new BadSettingException(
                        reading.where(yaml) + ": keys and values are expected, such as 'dir: .mcp-mtls'");
            }
        } catch (NoSuchFileException e) {
            throw new BadSettingException(
                    "there is no configuration file " + file + "; check " + Remedy.of(Setting.CONFIGURATION_FILE));
        } catch (AccessDeniedException e) {
            throw new BadSettingException(
                    "the configuration file " + file + " is not readable by this user; correct its permissions");
        } catch (CharacterCodingException e) {
            throw new BadSettingException(file + ": " + YamlFault.NO_TEXT);
        } catch (IOException e) {
            throw new BadSettingException("cannot read the configuration file " + file + ": " + Failures.reason(e));
        } catch (JacksonException e) {
            throw YamlFault.of(file, e);
        }
        EntryReader.requireMembers(reading.entries);
        return new Loaded(reading.found, reading.entries, reading.oauth);
    }

    private static String text(Path file) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(SmallFiles.read(file, MAX_BYTES)))
                .toString();
    }

    private void readObject(JsonParser yaml, String parent) {
        while (yaml.nextToken() == JsonToken.PROPERTY_NAME) {
            String path = parent + yaml.currentName();
            String where = where(yaml);
            JsonToken value = yaml.nextToken();
            if (value == JsonToken.START_OBJECT && path.equals(Keys.AUTHORITY_KEY.path())) {
                readToken(yaml);
            } else if (value == JsonToken.START_OBJECT && parent.equals(SERVERS) && !isSection(path)) {
                String name = entryName(path, where);
                entries.add(EntryReader.read(yaml, file.toString(), name, where, tokens -> oauth.put(name, tokens)));
            } else if (value == JsonToken.START_OBJECT
                    && OAUTH.matcher(path).matches()
                    && isSection(parent.substring(0, parent.length() - 1))) {
                oauth.put(
                        parent.substring(SERVERS.length(), parent.length() - 1),
                        OauthReader.read(yaml, file.toString(), path));
            } else if (value == JsonToken.START_OBJECT && !isKey(path)) {
                checkSection(path, where);
                readObject(yaml, path + ".");
            } else if (isSection(path)) {
                checkEmpty(yaml, path, where);
            } else {
                readValue(yaml, Names.find(path, where), where);
            }
        }
    }

    /** {@code authority.key: {pkcs11: {…}}} is another form of {@code authority.pkcs11: {…}}. */
    private void readToken(JsonParser yaml) {
        yaml.nextToken();
        String where = where(yaml);
        if (!"pkcs11".equals(yaml.currentName()) || yaml.nextToken() != JsonToken.START_OBJECT) {
            throw new BadSettingException(
                    where + ": authority.key takes a type of key, or {pkcs11: {library: ..., slot: ...}}");
        }
        readObject(yaml, "authority.pkcs11.");
        if (yaml.nextToken() != JsonToken.END_OBJECT) {
            throw new BadSettingException(where(yaml) + ": authority.key takes pkcs11 alone");
        }
    }

    private static String entryName(String path, String where) {
        String name = path.substring(SERVERS.length());
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,62}") || name.equals("all")) {
            throw new BadSettingException(
                    where + ": the name of a server has letters, digits, '-' and '_', and is not 'all': " + name);
        }
        return name;
    }

    private void requireEnd(JsonParser yaml) {
        if (yaml.nextToken() != null) {
            throw new BadSettingException(
                    where(yaml) + ": a second document begins, which would be ignored; remove the '---' above it");
        }
    }

    private void readValue(JsonParser yaml, Key<?> key, String where) {
        JsonToken value = yaml.currentToken();
        if (isEmpty(yaml)) {
            if (!key.defaults().isEmpty()) {
                throw new BadSettingException(
                        where + ": " + key.path() + " has no value; remove the line to get the default");
            }
        } else if (value == JsonToken.START_ARRAY && key.equals(TlsKeys.TRUST_ANCHORS)) {
            found.add(Assignment.ofAnchors(AnchorReader.read(file, yaml), where));
        } else if (value == JsonToken.START_ARRAY && key.type().isList()) {
            found.add(new Assignment(key, elements(yaml, key, where), where));
        } else if (value.isScalarValue() && !key.type().isList()) {
            found.add(new Assignment(key, List.of(yaml.getString()), where));
        } else {
            String form = key.type().isList()
                    ? "a list, such as [" + key.type().form() + "]"
                    : "one value: " + key.type().form();
            throw new BadSettingException(where + ": " + key.path() + " takes " + form);
        }
    }

    private static List<String> elements(JsonParser yaml, Key<?> key, String where) {
        List<String> elements = new ArrayList<>();
        while (yaml.nextToken() != JsonToken.END_ARRAY) {
            if (!yaml.currentToken().isScalarValue()) {
                throw new BadSettingException(where + ": " + key.path() + " takes a list of plain values");
            }
            elements.add(yaml.getString());
        }
        return elements;
    }

    private static boolean isKey(String path) {
        return Keys.all().stream().anyMatch(key -> key.path().equals(path));
    }

    private static void checkSection(String path, String where) {
        if (!isSection(path)) {
            throw Names.unknown(path, where);
        }
    }

    /** A section counts as absent when all its lines are commented out. */
    private static void checkEmpty(JsonParser yaml, String path, String where) {
        if (!isEmpty(yaml)) {
            throw new BadSettingException(
                    where + ": " + path + " takes keys of its own, indented in the lines below it");
        }
    }

    private static boolean isSection(String path) {
        return Keys.all().stream().anyMatch(key -> key.path().startsWith(path + "."));
    }

    private static boolean isEmpty(JsonParser yaml) {
        JsonToken value = yaml.currentToken();
        return value == JsonToken.VALUE_NULL
                || (value == JsonToken.VALUE_STRING && yaml.getString().isEmpty());
    }

    private String where(JsonParser yaml) {
        return file + ":" + yaml.currentTokenLocation().getLineNr();
    }
}
