import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Many topics, ACLs and offsets in one process, where Kafka's own tools start one for each.
 *
 * <pre>  Prepare BOOTSTRAP CONFIG &lt; LINES</pre>
 *
 * Lines, their fields separated by tabs: "topic NAME PARTITIONS", "offset GROUP TOPIC PARTITION OFFSET", "acl TYPE
 * PATTERN NAME PRINCIPAL HOST OPERATION PERMISSION", and "unacl" with the same fields.
 */
public final class Prepare {
    static AclBinding acl(String[] f) {
        ResourcePattern pattern = new ResourcePattern(ResourceType.valueOf(f[1]), f[3], PatternType.valueOf(f[2]));
        return new AclBinding(pattern, new AccessControlEntry(f[4], f[5], AclOperation.valueOf(f[6]), AclPermissionType.valueOf(f[7])));
    }

    public static void main(String[] args) throws Exception {
        Properties config = new Properties();
        try (InputStream in = new FileInputStream(args[1])) {
            config.load(in);
        }
        config.put("bootstrap.servers", args[0]);
        List<NewTopic> topics = new ArrayList<>();
        List<AclBinding> add = new ArrayList<>();
        List<AclBindingFilter> remove = new ArrayList<>();
        List<String[]> offsets = new ArrayList<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            String[] f = line.split("\t", -1);
            switch (f[0]) {
                case "topic" -> topics.add(new NewTopic(f[1], Integer.parseInt(f[2]), (short) 1));
                case "acl" -> add.add(acl(f));
                case "unacl" -> remove.add(acl(f).toFilter());
                case "offset" -> offsets.add(f);
                default -> { if (!line.isEmpty() && !line.startsWith("#")) throw new IllegalArgumentException(line); }
            }
        }
        try (Admin admin = Admin.create(config)) {
            if (!topics.isEmpty()) admin.createTopics(topics).all().get();
            if (!add.isEmpty()) admin.createAcls(add).all().get();
            if (!remove.isEmpty()) {
                int gone = admin.deleteAcls(remove).all().get().size();
                if (gone != remove.size()) throw new IllegalStateException(gone + " of " + remove.size() + " ACLs were there");
            }
            for (String[] f : offsets)
                admin.alterConsumerGroupOffsets(f[1], Map.of(new TopicPartition(f[2], Integer.parseInt(f[3])),
                    new OffsetAndMetadata(Long.parseLong(f[4]), Optional.empty(), ""))).all().get();
        }
    }
}
