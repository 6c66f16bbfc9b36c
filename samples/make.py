#!/usr/bin/env python3
"""Makes every generated file of this folder: the sample org, the contacts files, the oracles.

    python3 samples/make.py            writes into samples/ itself
    python3 samples/make.py FOLDER     writes the same files into FOLDER, for comparing

Same script, same bytes: nothing here reads a clock, the environment or a random source. The only
input is `org/picklists/*.csv`, which is committed and never written.

How it is laid out: data about countries, then `Org` (the records), then `row_for` (a row that
every rule lets pass), then one function per family of rejection codes that spoils such rows on
purpose, then the writers, then `prove`, which checks the result against itself.

The oracle (`expected-codes.csv`) is what the author of a spoiled row says is wrong with it, read
from the rules of the platform. It is not computed from the row by any program.
Everybody and everything here is invented; every address is under example.com, .net or .org.
"""

import csv
import functools
import io
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROWS = 2000

# ------------------------------------------------------------------------------------------------
# Chance, repeatable


class Dice:
    """splitmix64: the same throws on every machine and every Python."""

    def __init__(self, seed):
        self.state = seed

    def throw(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)

    def below(self, bound):
        return self.throw() % bound

    def one_of(self, things):
        return things[self.below(len(things))]

    def chance(self, percent):
        return self.below(100) < percent


dice = Dice(2026)

# ------------------------------------------------------------------------------------------------
# Ids

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def to_18(id15):
    """Adds the three check characters: one per five characters, a bit for each upper-case one."""
    fives = (id15[0:5], id15[5:10], id15[10:15])
    return id15 + "".join(
        CHECKS[sum(1 << i for i, c in enumerate(five) if "A" <= c <= "Z")] for five in fives
    )


class Ids:
    """Ids of one object: ascending with gaps, as an org deals them."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.last = 62**5 + Dice(sum(map(ord, prefix))).below(62**4)

    def next(self):
        self.last += 1 + dice.below(30)
        digits, rest = "", self.last
        for _ in range(9):
            digits = BASE62[rest % 62] + digits
            rest //= 62
        return to_18(self.prefix + "5g0" + digits)


# ------------------------------------------------------------------------------------------------
# Countries. A name of another script carries its Latin form after `|`.

COLUMNS_OF_COUNTRY = "accounts country zones locale language currency region phone cities".split()
COUNTRIES = {
    "DE": (58, "Germany", "Europe/Berlin", "de_DE", "de", "EUR", "DACH", "+49 30 5550",
           "Berlin:10115 München:80331 Köln:50667 Görlitz:02826 Lübeck:23552"),
    "AT": (18, "Austria", "Europe/Vienna", "de_AT", "de", "EUR", "DACH", "+43 1 5550",
           "Wien:1010 Graz:8010 Sankt·Pölten:3100"),
    "CH": (18, "Switzerland", "Europe/Zurich", "de_CH", "de", "CHF", "DACH", "+41 44 555",
           "Zürich:8001 Genève:1201 Bellinzona:6500"),
    "FR": (24, "France", "Europe/Paris", "fr_FR", "fr", "EUR", "Western Europe", "+33 1 5550",
           "Paris:75002 Besançon:25000 Orléans:45000"),
    "NL": (12, "Netherlands", "Europe/Amsterdam", "nl_NL", "nl_NL", "EUR", "Western Europe",
           "+31 20 555", "Amsterdam:1012·AB 's-Hertogenbosch:5211·BA"),
    "GB": (22, "United Kingdom", "Europe/London", "en_GB", "en_US", "GBP", "Western Europe",
           "+44 20 7946", "London:EC1A·1BB Leeds:LS1·4DY Stoke-on-Trent:ST1·5BJ"),
    "SE": (12, "Sweden", "Europe/Stockholm", "sv_SE", "sv", "", "Northern Europe", "+46 8 555",
           "Göteborg:411·03 Malmö:211·22 Örebro:702·10"),
    "DK": (10, "Denmark", "Europe/Copenhagen", "da_DK", "da", "", "Northern Europe", "+45 5550",
           "København:1050 Aarhus:8000 Tønder:6270"),
    "PL": (12, "Poland", "Europe/Warsaw", "pl_PL", "en_US", "", "Eastern Europe", "+48 22 555",
           "Łódź:90-001 Kraków:30-001 Wrocław:50-001"),
    "CZ": (8, "Czechia", "Europe/Prague", "cs_CZ", "en_US", "", "Eastern Europe", "+420 555",
           "Praha:110·00 Plzeň:301·00"),
    "UA": (6, "Ukraine", "Europe/Kiev", "uk_UA", "en_US", "", "Eastern Europe", "+380 44 555",
           "Львів:79000 Київ:01001"),
    "ES": (14, "Spain", "Europe/Madrid", "es_ES", "es", "EUR", "Southern Europe", "+34 91 555",
           "Madrid:28001 A·Coruña:15001 Málaga:29001"),
    "IT": (14, "Italy", "Europe/Rome", "it_IT", "it", "EUR", "Southern Europe", "+39 02 5550",
           "Milano:20121 Forlì:47121"),
    "GR": (6, "Greece", "Europe/Athens", "el_GR", "en_US", "EUR", "Southern Europe", "+30 21 0555",
           "Αθήνα:105·57 Θεσσαλονίκη:546·24"),
    "TR": (8, "Türkiye", "Europe/Istanbul", "tr_TR", "en_US", "", "Southern Europe", "+90 212 555",
           "İstanbul:34000 İzmir:35000"),
    "AE": (5, "United Arab Emirates", "Asia/Dubai", "ar_AE", "en_US", "", "Middle East",
           "+971 4 555", "دبي:00000 أبوظبي:00000"),
    "IL": (4, "Israel", "Asia/Jerusalem", "iw_IL", "en_US", "", "Middle East", "+972 3 555",
           "תל·אביב:6100000 חיפה:3100000"),
    "JP": (8, "Japan", "Asia/Tokyo", "ja_JP", "ja", "", "Asia Pacific", "+81 3 5550",
           "東京都千代田区:100-0001 大阪市:530-0001"),
    "KR": (5, "Korea", "Asia/Seoul", "ko_KR", "ko", "", "Asia Pacific", "+82 2 555",
           "서울:04524 부산:48058"),
    "US": (26, "United States",
           "America/New_York America/Chicago America/Denver America/Los_Angeles", "en_US", "en_US",
           "USD", "Americas", "+1 212 555", "New·York:10001 Chicago:60601 Coeur·d'Alene:83814"),
    "BR": (8, "Brazil", "America/Sao_Paulo", "pt_BR", "pt_BR", "", "Americas", "+55 11 5550",
           "São·Paulo:01310-100 Florianópolis:88010-000"),
}
REGIONS = ["DACH", "Western Europe", "Northern Europe", "Eastern Europe", "Southern Europe",
           "Middle East", "Asia Pacific", "Americas"]
CURRENCIES = ["EUR", "USD", "GBP", "CHF"]

# Which countries share names and firms: (first names, last names, stems of firms, trades, forms).
NAMES = {
    "DE AT CH": (
        "Anna Björn Käthe Jürgen Mia Sören Friederike Götz Lena Matthias Zoë Karl-Heinz Uwe Heike",
        "Müller Schmidt Weiß Größl Jäger von·der·Heyde Böhm Krüger Schön Vogel Lang Köhler "
        "Meier-Lüdtke Straßer Zimmermann Ößwald",
        "Nordwind Alpenblick Falkenberg Silberbach Kranich Hagebutte Löwenzahn Rheintal Eisvogel "
        "Mühlbach Edelweiß Sturmhaube",
        "Logistik Maschinenbau Haustechnik Kältetechnik Möbelwerke Energie Fördertechnik",
        "GmbH AG GmbH·&·Co.·KG KG"),
    "FR": (
        "Élodie François Hélène Jérôme Chloé Benoît Aïcha Noël Camille Théo",
        "Dubois Lefèvre L'Hôpital Béranger de·La·Tour Garçon Moreau Noël-Marie",
        "Colibri Grand-Chêne Mistral Aubépine Hirondelle Vallée·Bleue",
        "Énergies Mécanique Distribution Chauffage Équipements", "SARL SAS SA"),
    "NL": (
        "Sanne Daan Fleur Joris Noëlle Ruben Femke Thijs",
        "de·Vries van·den·Berg Bakker 't·Hart Jansen Visser",
        "Waterlelie Noordzee Molenaar Zilvermeeuw Klaproos",
        "Techniek Transport Installaties Bouw", "B.V. N.V."),
    "SE": (
        "Åsa Göran Märta Björn Linnéa Håkan Elsa Nils",
        "Åkesson Sjöström Öberg Lindqvist Ångström Nyström",
        "Norrsken Björkdal Havsörn Lingon Fjällbäck", "Teknik Energi Logistik Maskin", "AB HB"),
    "DK": (
        "Søren Astrid Jørgen Maja Bjarne Kirsten Æra",
        "Sørensen Ørsted Nygård Kjær Rasmussen Bæk",
        "Havfrue Østerled Bøgeskov Svane Klitrose", "Teknik Energi Transport", "A/S ApS"),
    "PL": (
        "Łukasz Małgorzata Paweł Agnieszka Żaneta Grzegorz Zofia",
        "Wiśniewski Dąbrowska Żółkiewski Śliwa Kowalczyk Łęcki",
        "Bursztyn Żuraw Jaskółka Dębowy·Las Świerk", "Technika Transport Energia",
        "Sp.·z·o.o. S.A."),
    "CZ": (
        "Jiří Kateřina Ondřej Šárka Tomáš Růžena", "Dvořák Němcová Řezníček Šťastný Žák",
        "Křišťál Modrý·Pták Lípa Ještěrka", "Technika Stavby Doprava", "s.r.o. a.s."),
    "UA": (
        "Олена|Olena Тарас|Taras Ірина|Iryna Богдан|Bohdan Соломія|Solomiia",
        "Шевченко|Shevchenko Ковальчук|Kovalchuk Бойко|Boiko Лисенко|Lysenko",
        "Калина|Kalyna Лелека|Leleka Дніпро|Dnipro", "Техніка|Tekhnika Логістика|Lohistyka",
        "ТОВ|tov"),
    "ES": (
        "José María Iñaki Begoña Álvaro Núria Ángel Concepción Íñigo",
        "García·López Muñoz Ibáñez Núñez·de·Balboa Peña Echeverría Sánchez",
        "El·Faro Girasol Montaña·Azul Cigüeña Olivar", "Energía Talleres Logística Climatización",
        "S.A. S.L."),
    "IT": (
        "Niccolò Giulia Matteo Chiara Nicolò Zoè Andrea Marco",
        "D'Amico Rossi Forlì De·Rosa Però Bianchi",
        "Girasole Monte·Rosa Rondine Quercia Faro", "Meccanica Energia Logistica Arredi",
        "S.r.l. S.p.A."),
    "GR": (
        "Ελένη|Eleni Γιώργος|Giorgos Αθηνά|Athina Νίκος|Nikos",
        "Παπαδόπουλος|Papadopoulos Κωνσταντίνου|Konstantinou Οικονόμου|Oikonomou",
        "Ήλιος|Ilios Ελιά|Elia Αιγαίο|Aigaio", "Ενέργεια|Energeia Τεχνική|Techniki", "Α.Ε.|ae"),
    "TR": (
        "Ayşe Mehmet Çağla Ömer İrem Işıl Gökhan", "Yılmaz Şahin Öztürk Çelik Güneş Işık",
        "Lale Anadolu Çınar Kartal Gülbahçe", "Enerji Lojistik Makina", "A.Ş. Ltd.·Şti."),
    "AE": (
        "محمد|Mohammed فاطمة|Fatima يوسف|Youssef ليلى|Layla", "الهاشمي|Alhashimi منصور|Mansour "
        "خليفة|Khalifa", "النخلة|Alnakhla الصقر|Alsaqr", "للطاقة|Energy للتجارة|Trading", "ذ.م.م|llc"),
    "IL": (
        "נועה|Noa יוסף|Yosef תמר|Tamar", "כהן|Cohen לוי|Levi מזרחי|Mizrahi",
        "הדס|Hadas ארז|Erez", "אנרגיה|Energia לוגיסטיקה|Logistica", "בע״מ|ltd"),
    "JP": (
        "花子|Hanako 太郎|Taro さくら|Sakura 健一|Kenichi 美咲|Misaki",
        "佐藤|Sato 鈴木|Suzuki 髙橋|Takahashi 田中|Tanaka", "青空|Aozora 白鷺|Shirasagi 桜川|Sakuragawa",
        "電機|Denki 物流|Butsuryu", "株式会社|kk"),
    "KR": (
        "지우|Jiwoo 민준|Minjun 서연|Seoyeon 하준|Hajun", "김|Kim 이|Lee 박|Park 최|Choi",
        "한강|Hangang 백두|Baekdu", "전자|Electronics 물류|Logistics", "주식회사|co"),
    "US GB": (
        "Olivia Liam Emma Noah Ava Renée Siobhán Beyla Owen Mary-Kate Dwayne Chloë",
        "Smith O'Brien Johnson MacDonald St.·Clair Nguyen Brown Featherstonehaugh Lee Hawthorne",
        "Brightline Copper·Creek Maple·Ridge Kestrel Harbour·Light Foxglove Summit Wren",
        "Logistics HVAC Machinery Energy Supply Furniture", "Inc. LLC Ltd."),
    "BR": (
        "João Conceição Luís Antônia Thaís Sebastião", "da·Silva Gonçalves Araújo Magalhães Simões",
        "Ipê-Amarelo Beija-Flor Pão·de·Mel Jacarandá", "Energia Logística Máquinas", "Ltda. S.A."),
}
NAMES_OF = {code: names for codes, names in NAMES.items() for code in codes.split()}


def about(code):
    """What the table above says of a country, by column name."""
    return dict(zip(COLUMNS_OF_COUNTRY, COUNTRIES[code]))


TITLES = ["", "", "", "Key Account Manager", "Service Engineer", "Head of Sales", "Buyer",
          "Director, Channel Sales", "Field Technician"]
LOCAL_TITLES = {"de": ["Geschäftsführerin", "Einkauf & Logistik", "Leiter Außendienst"],
                "fr": ["Responsable des achats", "Ingénieure d'affaires"],
                "es": ["Técnico de campo", "Jefa de ventas, zona norte"], "ja": ["営業部長"],
                "sv": ["Försäljningschef"], "it": ["Responsabile qualità"]}
STREETS = {"DACH": ["Hauptstraße 12", "Gewerbepark 5\nHalle 2", "Am Mühlbach 3a"],
           "Western Europe": ["1 High Street", "7, rue de la Paix", "Keizersgracht 100-II"],
           "Northern Europe": ["Storgatan 4, 2 tr.", "Nørregade 17"],
           "Southern Europe": ["Calle Mayor, 3, 2.º B", "Via Roma 3/B"],
           "Asia Pacific": ["1-2-3 Marunouchi", "5F, Sample Tower"],
           "Americas": ["500 Sample Ave, Suite 12", "Rua das Flores, 33"]}
DEPARTMENTS = ["", "", "Sales", "Service", "Einkauf", "Customer Success", "R&D", "Técnica"]
NOTES = ["", "", "", "", "onboard in wave 2", "migrated from ERP", "asked by phone, call back Monday",
         "reseller - EMEA", 'prefers "Du"', "needs training; see ticket 48213", "siehe Vertrag §4",
         "=HYPERLINK(\"http://portal.example.com\")", "@channel please check", "+1 on the waiting list",
         "-", "first line\nsecond line, with a comma", "  indented on purpose", "'0042"]


def words(text):
    """Space-separated words; `·` stands for a space inside one."""
    return [word.replace("·", " ") for word in text.split()]


def spelled(word):
    """The word as written, and its Latin form."""
    written, _, latin = word.partition("|")
    return written, latin or written


def ascii_of(text):
    """Lower-case ASCII for addresses: umlauts spelled out, other marks dropped."""
    for mark, plain in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae",
                        "ł": "l", "ı": "i", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa",
                        "Æ": "Ae", "Ł": "L"}.items():
        text = text.replace(mark, plain)
    text = unicodedata.normalize("NFKD", text)
    return "".join(c for c in text.lower() if c.isascii() and c.isalnum())


# ------------------------------------------------------------------------------------------------
# The org


class Record(dict):
    """One record: field name -> text. Attributes beside it are the generator's own notes."""


class Org:
    """Every record of the sample org, made in the order of the functions below."""

    def __init__(self):
        prefixes = {"Account": "001", "Contact": "003", "User": "005", "UserRole": "00E",
                    "Profile": "00e", "UserLicense": "100", "Network": "0DB",
                    "NetworkMemberGroup": "0DL", "PermissionSet": "0PS",
                    "PermissionSetAssignment": "0Pa"}
        self.ids = {name: Ids(prefix) for name, prefix in prefixes.items()}
        self.tables = {name: [] for name in prefixes}
        self.emails, self.domains, self.people = set(), set(), 0

    def add(self, table, **fields):
        record = Record(Id=fields.pop("Id", None) or self.ids[table].next())
        record.update({name: text for name, text in fields.items()})
        self.tables[table].append(record)
        return record


org = Org()


def make_licenses_and_profiles():
    """Licences with their seats, and the profiles that take them."""
    licenses = {}
    for name, key, status, seats in [
        ("Salesforce", "SFDC", "Active", 60),
        ("Chatter Free", "CSN_User", "Active", 500),
        ("Partner Community", "PID_Partner_Community", "Active", 1500),
        ("Partner Community Login", "PID_Partner_Community_Login", "Active", 200),
        ("Customer Community", "PID_Customer_Community", "Active", 1500),
        ("Customer Community Login", "PID_Customer_Community_Login", "Active", 14),
        ("Customer Community Plus", "PID_Customer_Community_Plus", "Active", 600),
        ("Customer Community Plus Login", "PID_Customer_Community_Plus_Login", "Disabled", 50),
    ]:
        licenses[name] = org.add("UserLicense", Name=name, MasterLabel=name,
                                 LicenseDefinitionKey=key, Status=status, TotalLicenses=str(seats))
    profiles = {}
    for name, user_type, license_name in [
        ("System Administrator", "Standard", "Salesforce"),
        ("Standard User", "Standard", "Salesforce"),
        ("Acme Sales", "Standard", "Salesforce"),
        ("Chatter Free User", "CsnOnly", "Chatter Free"),
        ("Partner Community User", "PowerPartner", "Partner Community"),
        ("Customer Community User", "CspLitePortal", "Customer Community"),
        ("Acme Partner", "PowerPartner", "Partner Community"),
        ("Acme Partner Manager", "PowerPartner", "Partner Community"),
        ("Acme Partner Login", "PowerPartner", "Partner Community Login"),
        ("Acme Customer", "CspLitePortal", "Customer Community"),
        ("Acme Customer Login", "CspLitePortal", "Customer Community Login"),
        ("Acme Customer Plus", "PowerCustomerSuccess", "Customer Community Plus"),
        ("Acme Customer Plus Login", "PowerCustomerSuccess", "Customer Community Plus Login"),
        ("Acme Warranty Desk", "CspLitePortal", "Customer Community"),
        ("Acme Dealer", "PowerPartner", "Partner Community"),
        ("Acme Dealer", "PowerPartner", "Partner Community"),
    ]:
        profile = org.add("Profile", Name=name, UserType=user_type,
                          UserLicenseId=licenses[license_name]["Id"])
        profile.license = license_name
        profiles.setdefault(name, profile)
    return profiles


PROFILES = make_licenses_and_profiles()
HIGH_VOLUME = {"Acme Customer", "Acme Customer Login", "Acme Warranty Desk"}
RIGHTS = ["ApiEnabled", "ViewSetup", "ViewAllData", "ModifyAllData", "ViewAllUsers", "ManageUsers",
          "ManageInternalUsers", "ManagePartners", "ManageMyExternalUsers", "ManageCssUsers",
          "ManageNetworks", "ResetPasswords"]


def make_permission_sets():
    """The administrator's own set with every right, and sets that rows may ask for."""
    admin = org.add("PermissionSet", Name="X00ex00000018ozT_128_09_43_34_1", Label="X00ex00000018ozT",
                    IsOwnedByProfile="true", ProfileId=PROFILES["System Administrator"]["Id"],
                    **{f"Permissions{right}": "true" for right in RIGHTS})
    sets = {"admin": admin}
    for name, label in [
        ("Partner_Deal_Registration", "Partner Deal Registration"),
        ("Partner_Marketing_Funds", "Partner Marketing Funds"),
        ("Customer_Case_Plus", "Customer Case Plus"),
        ("Warranty_Portal_Access", "Warranty Portal Access"),
    ]:
        sets[name] = org.add("PermissionSet", Name=name, Label=label, IsOwnedByProfile="false",
                             ProfileId="",
                             **{f"Permissions{right}": "false" for right in RIGHTS})
    return sets


PERMISSION_SETS = make_permission_sets()


def make_site():
    """One live site that mails new members; every profile but one is a member."""
    site = org.add("Network", Name="Acme Connect", Status="Live", UrlPathPrefix="connect",
                   OptionsSendWelcomeEmail="true", OptionsSelfRegistrationEnabled="false",
                   EmailSenderAddress="connect@acme.example.com")
    members = [p for p in org.tables["Profile"] if p["Name"] != "Acme Warranty Desk"]
    for member in members + [PERMISSION_SETS["Warranty_Portal_Access"]]:
        org.add("NetworkMemberGroup", NetworkId=site["Id"], ParentId=member["Id"],
                AssignmentStatus="Added")


make_site()


def make_user(first, last, email, username, profile, **fields):
    """A User, internal unless it has a ContactId."""
    org.people += 1
    alias = (ascii_of(first)[:1] + ascii_of(last))[:5] + str(org.people % 1000)
    user = org.add("User", Username=username, FirstName=first, LastName=last, Email=email,
                   Alias=alias[:8], CommunityNickname=f"{ascii_of(last)}{org.people:05d}",
                   ProfileId=profile["Id"], IsActive="true", TimeZoneSidKey="Europe/Berlin",
                   LocaleSidKey="de_DE", LanguageLocaleKey="en_US", EmailEncodingKey="UTF-8",
                   CurrencyIsoCode="EUR", Region__c="DACH")
    user.update(fields)
    return user


def make_staff():
    """Internal roles and users: account owners, good and bad, and the running user."""
    def role(name, parent=None):
        return org.add("UserRole", Name=name, DeveloperName=name.replace(" ", "_"),
                       ParentRoleId=parent["Id"] if parent else "", PortalType="None")

    def staff(first, last, role_record=None, profile="Acme Sales", **fields):
        address = f"{ascii_of(first)}.{ascii_of(last)}@acme.example.com"
        return make_user(first, last, address, address, PROFILES[profile],
                         UserRoleId=role_record["Id"] if role_record else "", **fields)

    chief = role("Acme Management")
    sales = role("Head of Sales", chief)
    partner_sales = role("Partner Sales", sales)
    customer_care = role("Customer Care", sales)
    people = {
        "admin": staff("Ada", "Admin", chief, "System Administrator"),
        "owners": [staff("Petra", "Sommer", partner_sales), staff("Jonas", "Winter", partner_sales),
                   staff("Mireille", "Printemps", partner_sales), staff("Otto", "Herbst", sales),
                   staff("Carla", "Kundig", customer_care), staff("Dev", "Patel", customer_care)],
        # The classic: accounts loaded by an integration user that nobody gave a role.
        "roleless": staff("Import", "Dataloader", None, "System Administrator"),
        "roleless too": staff("Rolf", "Ohne-Rolle"),
        "left": staff("Greta", "Gegangen", partner_sales, IsActive="false"),
    }
    for key in ("admin", "roleless"):
        org.add("PermissionSetAssignment", AssigneeId=people[key]["Id"],
                PermissionSetId=PERMISSION_SETS["admin"]["Id"])
    return people


STAFF = make_staff()


def make_account(country, kind, owner=None, **fields):
    """A firm (`partner` or `customer`) or a `person`."""
    firsts, lasts, stems, trades, forms = (words(part) for part in NAMES_OF[country])
    while True:
        stem, trade, form = (spelled(dice.one_of(part)) for part in (stems, trades, forms))
        domain = f"{ascii_of(stem[1])}-{ascii_of(trade[1])}.example.com"
        if dice.chance(30):
            domain = f"{ascii_of(stem[1])}-{ascii_of(trade[1])}-{country.lower()}.example.net"
        if kind == "person" or domain not in org.domains:
            break
        second = spelled(dice.one_of(lasts))
        stem = (f"{stem[0]} {second[0]}", f"{stem[1]}{second[1]}")
        domain = f"{ascii_of(stem[1])}-{ascii_of(trade[1])}.example.org"
        if domain not in org.domains:
            break
    joint = dice.one_of([" ", " ", " ", " & Co. ", ", "])
    name = f"{stem[0]} {trade[0]}{joint}{form[0]}"
    if dice.chance(5):
        name = f'"{stem[0]}" {trade[0]} {form[0]}'
    if kind != "person":
        org.domains.add(domain)
    number = len(org.tables["Account"]) + 1
    account = org.add("Account", Name=name, OwnerId=(owner or dice.one_of(STAFF["owners"]))["Id"],
                      IsPartner=str(kind == "partner").lower(), IsCustomerPortal="false",
                      IsPersonAccount=str(kind == "person").lower(), PersonContactId="",
                      Customer_Number__c=f"{10_000 + number * 7}", IsDeleted="false",
                      MasterRecordId="")
    account.update(fields)
    account.country, account.kind, account.domain, account.roles = country, kind, domain, {}
    account.zone = dice.one_of(about(country)["zones"].split())
    if kind == "person":
        account.domain = "mail.example.org"
        contact = make_contact(account)
        account["Name"] = f"{contact['FirstName']} {contact['LastName']}"
        account["PersonContactId"] = contact["Id"]
        account.person = contact
    return account


def make_contact(account, country=None, **fields):
    """A Contact on an account; on none when `account` is None."""
    country = country or account.country
    first, last = (spelled(dice.one_of(words(part))) for part in NAMES_OF[country][:2])
    local = f"{ascii_of(first[1])}.{ascii_of(last[1])}"
    domain = account.domain if account else "mail.example.org"
    email, count = f"{local}@{domain}", 1
    while email in org.emails:
        count += 1
        email = f"{local}{count}@{domain}"
    org.emails.add(email)
    org.people += 1
    phone = about(country)["phone"]
    contact = org.add("Contact", AccountId=account["Id"] if account else "", FirstName=first[0],
                      LastName=last[0], Email=email, Phone=f"{phone}{100 + dice.below(900)}",
                      Title=dice.one_of(TITLES + LOCAL_TITLES.get(about(country)["language"], [])),
                      OwnerId=account["OwnerId"] if account and is_staff(account["OwnerId"])
                      else STAFF["owners"][0]["Id"],
                      External_Key__c=f"CRM-{org.people:06d}" if dice.chance(50) else "",
                      IsDeleted="false", MasterRecordId="")
    contact.update(fields)
    contact.account, contact.country, contact.latin = account, country, (first[1], last[1])
    contact.number = org.people
    return contact


def is_staff(user_id):
    return any(user["Id"] == user_id and not user.get("ContactId") for user in org.tables["User"])


def make_portal_roles(account, portal_type, levels=3):
    """The roles the org generates with the first role-based user of that kind."""
    if portal_type in account.roles:
        return account.roles[portal_type]
    word = "Partner" if portal_type == "Partner" else "Customer"
    owner = next(user for user in org.tables["User"] if user["Id"] == account["OwnerId"])
    parent, made = owner.get("UserRoleId", ""), {}
    for level in ["Executive", "Manager", "User"][-levels:]:
        name = f"{account['Name']} {word} {level}"
        role = org.add("UserRole", Name=name[:80], ParentRoleId=parent, PortalType=portal_type,
                       DeveloperName=f"Portal{len(org.tables['UserRole']):05d}{word}{level}",
                       PortalRole=level, PortalAccountId=account["Id"])
        made[level], parent = role["Id"], role["Id"]
    account.roles[portal_type] = made
    return made


def make_external_user(contact, profile_name, role="User", levels=3, **fields):
    """A user the contact has already."""
    profile = PROFILES[profile_name]
    name = ".".join(ascii_of(part) for part in contact.latin)
    user = make_user(contact["FirstName"], contact["LastName"], contact["Email"],
                     f"{name}.{contact.number}@acme-connect.example.net", profile,
                     ContactId=contact["Id"], IsPortalEnabled="true")
    if profile["UserType"] != "CspLitePortal":
        kind = "Partner" if profile["UserType"] == "PowerPartner" else "CustomerPortal"
        user.update(PortalRole=role,
                    UserRoleId=make_portal_roles(contact.account, kind, levels)[role])
    if profile["UserType"] != "PowerPartner":
        contact.account["IsCustomerPortal"] = "true"
    user.update(fields)
    contact.user = user
    return user


def make_accounts():
    """The accounts that rows without faults live on, with the users they have already."""
    accounts = {"partner": [], "customer": [], "person": []}
    for country in COUNTRIES:
        for index in range(about(country)["accounts"]):
            kind = "person" if index % 10 == 9 else ["partner", "customer", "partner"][index % 3]
            accounts[kind].append(make_account(country, kind))
    for account in accounts["partner"]:
        if dice.chance(45):
            for _ in range(1 + dice.below(2)):
                make_external_user(make_contact(account), "Acme Partner",
                                   dice.one_of(["User", "User", "Manager", "Executive"]),
                                   IsActive="true" if dice.chance(92) else "false")
    for account in accounts["customer"]:
        if dice.chance(40):
            make_external_user(make_contact(account),
                               dice.one_of(["Acme Customer", "Acme Customer Plus"]),
                               IsActive="true" if dice.chance(92) else "false")
    for account in accounts["customer"][:10]:
        make_external_user(make_contact(account), "Acme Customer Login")
    return accounts


ACCOUNTS = make_accounts()

# ------------------------------------------------------------------------------------------------
# Rows of contacts.csv

HEADER = ["ContactId", "Contact.External_Key__c", "AccountId", "Account.Customer_Number__c",
          "First Name", "Last Name", "Email", "Username", "Alias", "Nickname", "Federation ID",
          "Profile", "License", "Role", "PermissionSets", "Time Zone", "Locale", "Language",
          "Encoding", "Currency", "Active", "Title", "Department", "Company", "Phone", "Mobile",
          "Street", "City", "Postal Code", "Country", "Region__c", "Certified_Until__c",
          "Discount_Percent__c", "Onboarding_Batch__c", "Purpose", "EndDate", "Cost Center",
          "ERP Number", "Notes"]


class Row(dict):
    """One row: header -> cell. `codes`: why it must be rejected. `refusal`: why the org will."""

    def __init__(self, cells, contact):
        super().__init__(cells)
        self.contact, self.codes, self.refusal, self.raw = contact, [], None, None


def pick_profile(account):
    """A profile that suits the account."""
    share = dice.below(100)
    if account.kind == "partner":
        return ("Acme Partner" if share < 70 else "Acme Partner Manager" if share < 80
                else "Acme Partner Login" if share < 88 else "Acme Customer")
    if account.kind == "customer":
        return "Acme Customer" if share < 60 else "Acme Customer Plus"
    return "Acme Customer" if share < 85 else "Acme Customer Plus"


def row_for(contact, profile_name=None, plain=False):
    """A row that every rule lets pass. `plain` rows name the contact by id and fill the names."""
    account, number = contact.account, contact.number
    land = about(contact.country)
    row = Row({name: "" for name in HEADER}, contact)
    profile_name = profile_name or pick_profile(account)
    row["ContactId"] = contact["Id"][:15] if dice.chance(25) else contact["Id"]
    row.update({"First Name": contact["FirstName"], "Last Name": contact["LastName"],
                "Email": contact["Email"], "Profile": profile_name, "Encoding": "UTF-8",
                "Region__c": land["region"], "Company": account["Name"] if account else "",
                "Title": contact["Title"], "Department": dice.one_of(DEPARTMENTS),
                "Country": land["country"], "Notes": dice.one_of(NOTES)})
    add_extras(row, land)
    if plain:
        return row
    match_otherwise(row)
    profile = PROFILES[profile_name]
    if dice.chance(60):
        row["License"] = profile.license
    if dice.chance(4):
        row["Profile"] = profile["Id"] if dice.chance(60) else profile["Id"][:15]
    if profile["UserType"] == "PowerPartner" and dice.chance(6):
        row["PermissionSets"] = dice.one_of([
            "Partner_Deal_Registration", "Partner Marketing Funds",
            "Partner_Deal_Registration;Partner_Marketing_Funds"])
    if profile_name not in HIGH_VOLUME:
        row["Role"] = dice.one_of(["", "", "", "", "User", "User", "Manager", "Executive"])
    if dice.chance(25):
        name = ".".join(ascii_of(part) for part in contact.latin)
        row["Username"] = f"{name}.{number}@acme-connect.example.net"
    if dice.chance(10):
        row["Nickname"] = f"{ascii_of(contact.latin[0])}{number}"
    if dice.chance(15):
        row["Alias"] = (ascii_of(contact.latin[0])[:1] + ascii_of(contact.latin[1]))[:8]
    if dice.chance(20):
        row["Federation ID"] = f"ACME-{number:06d}"
    if dice.chance(4):
        row["Active"] = dice.one_of(["true", "TRUE", "true", "false"])
    return row


def add_extras(row, land):
    """Locale keys, address, and columns of the administrator's own; many rows leave them out."""
    account = row.contact.account
    if dice.chance(55):
        row.update({"Time Zone": account.zone if account else land["zones"].split()[0],
                    "Locale": land["locale"], "Language": land["language"]})
    if land["country"] == "Japan" and dice.chance(30):
        row["Encoding"] = "Shift_JIS"
    if dice.chance(30):
        row["Currency"] = land["currency"]
    if dice.chance(50):
        row["Phone"] = row.contact["Phone"]
    if dice.chance(20):
        row["Mobile"] = row.contact["Phone"].replace("555", "556")
    if dice.chance(40):
        city, code = dice.one_of(land["cities"].split()).split(":")
        row.update({"Street": dice.one_of(STREETS.get(land["region"], ["1 Sample Street"])),
                    "City": city.replace("·", " "), "Postal Code": code.replace("·", " ")})
    if dice.chance(25):
        row["Certified_Until__c"] = f"202{7 + dice.below(2)}-0{1 + dice.below(9)}-1{dice.below(9)}"
    if dice.chance(20):
        row["Discount_Percent__c"] = dice.one_of(["5", "10", "12.5", "0"])
    if dice.chance(40):
        row["Onboarding_Batch__c"] = f"2026-W{10 + dice.below(40)}"
    if dice.chance(30):
        row["Purpose"] = dice.one_of(["Partner programme 2026", "Warranty claims", "Spare parts"])
        row["EndDate"] = dice.one_of(["", "2027-12-31", "2028-06-30"])
    row["Cost Center"] = dice.one_of(["", "CC-4711", "00420", "#N/A", "1E5"])
    row["ERP Number"] = f"{row.contact.number * 37:010d}"


def match_otherwise(row):
    """Some rows name the person not by id, and some leave name and e-mail to the Contact."""
    contact, account, way = row.contact, row.contact.account, dice.below(100)
    if way < 6:
        row.update({"ContactId": "", "AccountId": account["Id"]})
    elif way < 8:
        row.update({"ContactId": "", "AccountId": account["Id"][:15],
                    "Email": contact["Email"].upper()})
    elif way < 10:
        row.update({"ContactId": "", "Account.Customer_Number__c": account["Customer_Number__c"]})
    elif way < 13 and contact["External_Key__c"]:
        row.update({"ContactId": "", "Contact.External_Key__c": contact["External_Key__c"]})
    elif way < 26:
        row.update({"First Name": "", "Last Name": "", "Email": ""})
    elif way < 30:
        row["AccountId"] = account["Id"]  # said twice, and right


# ------------------------------------------------------------------------------------------------
# Rows that must be rejected. Each function gives blocks; rows of a block keep their order.


def spoil(kind_or_contact, profile, codes, **cells):
    """A plain row with some cells changed, and what is wrong with it now."""
    contact = kind_or_contact
    if isinstance(contact, str):
        contact = make_contact(dice.one_of(ACCOUNTS[contact]))
    row = row_for(contact, profile, plain=True)
    for name, text in cells.items():
        row[CELL_NAMES.get(name, name)] = text
    row.codes = sorted(codes.split())
    return row


# Cells that `spoil` takes by a Python name.
CELL_NAMES = {name.replace(" ", "").replace(".", ""): name for name in HEADER}


def username_of(contact, suffix=""):
    """A username of the contact's own, so that the row needs no e-mail to make one."""
    return f"{ascii_of(contact.latin[1])}.{contact.number}{suffix}@acme-connect.example.net"


def raw_faults():
    """row-width, row-encoding: nothing else can be said of such a row."""
    for shape in ("short", "long", "total"):
        row = spoil("customer", "Acme Customer", "row-width", Notes="see ticket 7")
        row.raw = {"short": lambda line: line[: line.rindex(b",")],
                   "long": lambda line: line + b", moved to Hamburg",
                   "total": lambda line: b"Total: 2000 rows"}[shape]
        yield [row]
    for shape in ("latin-1", "nul", "cut"):
        row = spoil("partner", "Acme Partner", "row-encoding", LastName="Mark", Notes="Mark")
        row.raw = {"latin-1": lambda line: line.replace(b"Mark", "Grünwald".encode("latin-1"), 1),
                   "nul": lambda line: line[:-4] + b"sent\x00twice",
                   "cut": lambda line: line[:-4] + "früh".encode()[:3]}[shape]
        yield [row]


def key_faults():
    """contact-key-missing, malformed-id."""
    for _ in range(3):
        yield [spoil("partner", "Acme Partner", "contact-key-missing", ContactId="")]
    good = [make_contact(dice.one_of(ACCOUNTS["partner"])) for _ in range(3)]
    damaged = good[0]["Id"][:15].swapcase()[3:]
    yield [spoil(good[0], "Acme Partner", "malformed-id",
                 ContactId="003" + damaged + good[0]["Id"][15:])]
    yield [spoil(good[1], "Acme Partner", "malformed-id", ContactId=good[1]["Id"][:17])]
    yield [spoil(good[2], "Acme Partner", "malformed-id", ContactId=good[2].account["Id"])]
    yield [spoil("customer", "Acme Customer", "malformed-id", ContactId="",
                 AccountId="001-not-an-id-x")]


def name_faults():
    """last-name-missing, email-missing, email-invalid, username-missing, username-malformed."""
    for _ in range(3):
        contact = make_contact(dice.one_of(ACCOUNTS["customer"]), LastName="")
        yield [spoil(contact, "Acme Customer", "last-name-missing", LastName="")]
    for index in range(5):
        contact = make_contact(dice.one_of(ACCOUNTS["partner"]), Email="")
        codes, name = "email-missing", username_of(contact)
        if index > 2:
            codes, name = "email-missing username-missing", ""
        yield [spoil(contact, "Acme Partner", codes, Email="", Username=name)]
    for address in ("not-an-address", "info@", "two words@example.com", "@example.com"):
        contact = make_contact(dice.one_of(ACCOUNTS["partner"]))
        yield [spoil(contact, "Acme Partner", "email-invalid", Email=address,
                     Username=username_of(contact))]
    for name in ("huber.partner", "lena huber@example.com", "lena@partners"):
        yield [spoil("partner", "Acme Partner", "username-malformed", Username=name)]


def value_faults():
    """Lengths, picklists, dates, types, spreadsheet errors, required fields."""
    for cells in ({"Alias": "longalias9"}, {"Nickname": "n" * 41}, {"Title": "Ä" * 81},
                  {"Onboarding_Batch__c": "2026-W14 second attempt"},
                  {"Username": "x" * 70 + "@example.com"}):
        yield [spoil("partner", "Acme Partner", "field-too-long", **cells)]
    for code, column, values in (
        ("timezone-unknown", "Time Zone", ["Europe/Muenchen", "Asia/Calcutta", "(GMT+01:00) Berlin"]),
        ("locale-unknown", "Locale", ["de-DE", "German (Germany)", "xx_YY"]),
        ("language-unknown", "Language", ["pl", "Deutsch", "de_DE"]),
        ("email-encoding-unknown", "Encoding", ["UTF8", "windows-1252", "Unicode"]),
        ("currency-unknown", "Currency", ["Euro", "ATS", "XXX"]),
        ("date-invalid", "Certified_Until__c", ["31.12.2027", "2027-02-30", "12/31/27"]),
        ("date-invalid", "EndDate", ["end of year"]),
        ("value-invalid", "Region__c", ["Mars", "Nordics"]),
        ("value-invalid", "Discount_Percent__c", ["ten"]),
        ("value-invalid", "Active", ["maybe"]),
        ("spreadsheet-error", "Title", ["#N/A"]),
        ("spreadsheet-error", "Department", ["#REF!"]),
        ("spreadsheet-error", "Mobile", ["#VALUE!"]),
        ("required-field-missing", "Region__c", ["", "", ""]),
    ):
        for value in values:
            yield [spoil(dice.one_of(["partner", "customer"]), "Acme Customer", code,
                         **{column: value})]


def contact_faults():
    """Everything about the contact."""
    stranger = Ids("003")
    stranger.last += 62**6
    yield [spoil("partner", "Acme Partner", "contact-not-found", ContactId=stranger.next())]
    yield [spoil("partner", "Acme Partner", "contact-not-found", ContactId=stranger.next()[:15])]
    row = spoil("partner", "Acme Partner", "contact-not-found", ContactId="",
                Email="nobody.here@example.com")
    row["AccountId"] = row.contact.account["Id"]
    yield [row]
    yield [spoil("customer", "Acme Customer", "contact-not-found", ContactId="",
                 ContactExternal_Key__c="CRM-999999")]
    for index in range(3):
        twin = make_contact(dice.one_of(ACCOUNTS["partner"]), External_Key__c=f"CRM-TWIN-{index}")
        make_contact(twin.account, Email=twin["Email"], External_Key__c=f"CRM-TWIN-{index}")
        row = spoil(twin, "Acme Partner", "contact-ambiguous", ContactId="")
        row.update([{"AccountId": twin.account["Id"]},
                    {"Account.Customer_Number__c": twin.account["Customer_Number__c"]},
                    {"Contact.External_Key__c": twin["External_Key__c"]}][index])
        yield [row]
    for index in range(4):
        gone = make_contact(dice.one_of(ACCOUNTS["partner"]), IsDeleted="true")
        if index > 1:
            gone["MasterRecordId"] = make_contact(gone.account)["Id"]
        yield [spoil(gone, "Acme Partner", "contact-deleted")]
    for country in ("DE", "FR", "US"):
        yield [spoil(make_contact(None, country), "Acme Customer", "contact-without-account")]
    for profile, kind in (("Acme Partner", "partner"), ("Acme Customer", "customer"),
                          ("Acme Customer Plus", "customer")):
        for active, code in (("true", "contact-has-user"), ("false", "contact-has-inactive-user")):
            contact = make_contact(dice.one_of(ACCOUNTS[kind]))
            make_external_user(contact, profile, IsActive=active)
            yield [spoil(contact, profile, code)]


def account_faults():
    """Everything about the account."""
    stranger = Ids("001")
    stranger.last += 62**6
    gone = make_account("GB", "customer", IsDeleted="true")
    for cells in ({"AccountId": stranger.next()}, {"AccountId": gone["Id"]},
                  {"Account.Customer_Number__c": "99999999"}):
        yield [spoil("customer", "Acme Customer", "account-not-found", ContactId="", **cells)]
    for profile in ("Acme Partner", "Acme Partner Manager", "Acme Partner Login"):
        yield [spoil("customer", profile, "account-not-partner")]
    for column, field in (("AccountId", "Id"), ("AccountId", "Id"),
                          ("Account.Customer_Number__c", "Customer_Number__c")):
        other = dice.one_of(ACCOUNTS["customer"])
        yield [spoil("partner", "Acme Partner", "account-mismatch", **{column: other[field]})]
    roleless = make_account("SE", "partner", STAFF["roleless"])
    roleless_too = make_account("DE", "customer", STAFF["roleless too"])
    yield [spoil(make_contact(roleless), "Acme Partner", "account-owner-without-role")]
    yield [spoil(make_contact(roleless), "Acme Customer", "account-owner-without-role")]
    yield [spoil(make_contact(roleless_too), "Acme Customer", "account-owner-without-role")]
    yield [spoil(make_contact(roleless_too), "Acme Customer Plus", "account-owner-without-role")]
    yield [spoil(make_contact(roleless_too), "Acme Partner",
                 "account-not-partner account-owner-without-role")]
    contact = make_contact(roleless_too)
    make_external_user(contact, "Acme Customer", IsActive="false")
    yield [spoil(contact, "Acme Customer", "account-owner-without-role contact-has-inactive-user")]

    outsider = make_external_user(make_contact(dice.one_of(ACCOUNTS["partner"])), "Acme Partner")
    owned = make_account("NL", "partner", outsider)
    for _ in range(3):
        yield [spoil(make_contact(owned), "Acme Partner", "account-owner-external")]
    owned_too = make_account("IT", "customer", outsider)
    yield [spoil(make_contact(owned_too), "Acme Partner", "account-not-partner account-owner-external")]
    for index in range(3):
        person = make_account(["AT", "ES", "JP"][index], "person").person
        yield [spoil(person, "Acme Partner", "person-account-partner")]


def license_faults():
    """Profile, licence, role, permission sets, site."""
    for _ in range(3):
        yield [spoil("partner", "Acme Partner", "profile-missing", Profile="")]
    unknown = Ids("00e")
    unknown.last += 62**6
    for name in ("Acme Partnr", "Partner", unknown.next()):
        yield [spoil("partner", "Acme Partner", "profile-not-found", Profile=name)]
    for _ in range(3):
        yield [spoil("partner", "Acme Dealer", "profile-ambiguous")]
    for name in ("Standard User", "System Administrator", "Chatter Free User"):
        yield [spoil("partner", name, "profile-not-external")]
    for profile, name in (("Acme Partner", "Customer Community"), ("Acme Customer", "Partner Community"),
                          ("Acme Customer Plus", "Customer Community")):
        kind = "partner" if profile == "Acme Partner" else "customer"
        yield [spoil(kind, profile, "license-mismatch", License=name)]
    for _ in range(3):
        yield [spoil("customer", "Acme Customer Plus Login", "license-inactive")]
    for role in ("User", "Manager", "Executive"):
        yield [spoil("customer", "Acme Customer", "role-not-allowed", Role=role)]
    for role in ("Director", "Benutzer", "Acme Management"):
        yield [spoil("partner", "Acme Partner", "role-unknown", Role=role)]
    # Accounts from the days when the org made fewer levels: roles are never added later.
    for levels, role in ((1, "Manager"), (1, "Executive"), (2, "Executive")):
        account = make_account("DK", "partner")
        make_external_user(make_contact(account), "Acme Partner", levels=levels)
        yield [spoil(make_contact(account), "Acme Partner", "role-level-missing", Role=role)]
        fine = row_for(make_contact(account), "Acme Partner", plain=True)
        fine["Role"] = "User"
        yield [fine]
    for names in ("Partner_Deal_Registation", "Partner_Deal_Registration;Gold Partner", "Deals, all"):
        yield [spoil("partner", "Acme Partner", "permission-set-not-found", PermissionSets=names)]
    for _ in range(3):
        yield [spoil("customer", "Acme Warranty Desk", "profile-not-in-site")]
    yield [spoil("customer", "Acme Warranty Desk", "", PermissionSets="Warranty_Portal_Access")]
    yield [spoil("customer", "Acme Warranty Desk", "", PermissionSets="warranty portal access")]


def seat_faults():
    """no-seat: 14 seats, 10 taken. Rows that fail or stay inactive take none."""
    rows = []
    for codes, cells in (
        ("", {}), ("", {"Active": "false"}), ("timezone-unknown", {"Time Zone": "Mars/Olympus"}),
        ("", {}), ("", {}), ("", {}), ("no-seat", {}), ("no-seat", {}), ("", {"Active": "false"}),
        ("locale-unknown", {"Locale": "de"}), ("no-seat", {}), ("no-seat", {}),
    ):
        rows.append(spoil("customer", "Acme Customer Login", codes, **cells))
    yield rows


def file_faults():
    """Rows that clash with one another, and rows that clash with a user of the org."""
    for index in range(3):
        contact = make_contact(dice.one_of(ACCOUNTS["partner"]))
        first, second = (
            spoil(contact, "Acme Partner", codes, Username=username_of(contact, suffix),
                  Nickname=f"nick{contact.number}{suffix}")
            for codes, suffix in (("", ""), ("duplicate-contact", ".2")))
        first["ContactId"], second["ContactId"] = contact["Id"], contact["Id"][:15]
        if index == 2:
            second.update({"ContactId": "", "AccountId": contact.account["Id"]})
        yield [first, second]
    # The shared mailbox: one address, several people, no username of their own.
    account = dice.one_of(ACCOUNTS["customer"])
    mailbox = f"Service@{account.domain}"
    yield [spoil(make_contact(account), "Acme Customer", codes, Email=mailbox)
           for codes in ("", "duplicate-username", "duplicate-username")]
    names = [f"{word}@acme-connect.example.net" for word in ("front.desk", "Front.Desk")]
    yield [spoil("partner", "Acme Partner", codes, Username=name)
           for codes, name in zip(("", "duplicate-username"), names)]
    for nickname in ("bergfex", "Seehund", "Ælfgifu"):
        yield [spoil("partner", "Acme Partner", codes, Nickname=text) for codes, text in
               (("", nickname), ("duplicate-nickname", nickname.upper() if nickname == "bergfex" else nickname))]
    for number in range(3):
        yield [spoil("partner", "Acme Partner", codes, FederationID=f"sso-{number:04d}")
               for codes in ("", "duplicate-federation-id")]
    # The first row fails for another reason, so the second is no duplicate.
    for number in range(2):
        name = f"second.wins{number}@acme-connect.example.net"
        yield [spoil("partner", "Acme Partner", "language-unknown", Username=name, Language="Klingon"),
               spoil("partner", "Acme Partner", "", Username=name)]
    for active in ("true", "true", "false"):
        user = make_external_user(make_contact(dice.one_of(ACCOUNTS["partner"])), "Acme Partner",
                                  IsActive=active)
        number = len(org.tables["User"])
        user.update(CommunityNickname=f"Nick{number}", FederationIdentifier=f"SSO-ORG-{number}")
        yield [spoil("partner", "Acme Partner", "username-taken",
                     Username=user["Username"].title() if active == "false" else user["Username"])]
        yield [spoil("partner", "Acme Partner", "nickname-taken",
                     Nickname=user["CommunityNickname"].lower())]
        yield [spoil("partner", "Acme Partner", "federation-id-taken",
                     FederationID=user["FederationIdentifier"])]
        yield [spoil("partner", "Acme Partner", "federation-id-taken nickname-taken username-taken",
                     Username=user["Username"], Nickname=user["CommunityNickname"],
                     FederationID=user["FederationIdentifier"])]
    yield [spoil("customer", "Acme Customer", "username-taken", Username=STAFF["admin"]["Username"])]


def several_faults():
    """Rows with more than one thing wrong: all of it must be said."""
    yield [spoil("partner", "Acme Partner", "field-too-long profile-not-found timezone-unknown",
                 Profile="Acme Partner (old)", Alias="much-too-long", TimeZone="CEST")]
    contact = make_contact(dice.one_of(ACCOUNTS["partner"]))
    make_external_user(contact, "Acme Partner")
    # Somebody else's username: the contact's own user would not count as a second fault.
    yield [spoil(contact, "Acme Partner", "contact-has-user username-taken",
                 Username=STAFF["admin"]["Username"])]
    yield [spoil("partner", "Acme Partner",
                 "email-invalid language-unknown locale-unknown username-malformed",
                 Email="jens@@", Username="jens", Locale="DE", Language="german")]
    gone = make_contact(dice.one_of(ACCOUNTS["partner"]), IsDeleted="true")
    yield [spoil(gone, "Acme Partner", "contact-deleted license-mismatch",
                 License="Customer Community Plus")]
    yield [spoil(make_contact(None, "PL"), "Acme Partner", "contact-without-account role-unknown",
                 Role="Kierownik")]
    yield [spoil("customer", "Acme Customer",
                 "email-encoding-unknown malformed-id profile-missing", Profile="",
                 ContactId="0035g00000", Encoding="ANSI")]
    yield [spoil("customer", "Acme Customer", "required-field-missing value-invalid",
                 Region__c="", Discount_Percent__c="12,5 %")]
    yield [spoil("customer", "Acme Customer", "currency-unknown date-invalid spreadsheet-error",
                 Title="#NAME?", Currency="DM", Certified_Until__c="1.1.2028")]
    yield [spoil("customer", "Acme Customer", "permission-set-not-found role-not-allowed",
                 PermissionSets="Everything", Role="Manager")]
    yield [spoil("customer", "Acme Customer Plus Login", "license-inactive license-mismatch",
                 License="Customer Community Plus")]
    yield [spoil("customer", "Acme Warranty Desk", "profile-not-in-site role-not-allowed",
                 Role="User")]
    stranger = Ids("003")
    stranger.last += 62**7
    yield [spoil("partner", "Acme Partner", "contact-not-found locale-unknown",
                 ContactId=stranger.next(), Locale="deutsch")]


# Usernames held in other orgs; `org.toml` lists them.
USERNAMES_ELSEWHERE = []


def org_refusals():
    """Rows nothing in the org speaks against, and which the org refuses all the same."""
    for index in range(5):
        name = f"channel.desk{index}@another-org.example.org"
        USERNAMES_ELSEWHERE.append(name)
        partner = index < 3
        row = spoil("partner" if partner else "customer",
                    "Acme Partner" if partner else "Acme Customer", "", Username=name)
        # Customer users need a username of their own only inside the org.
        row.refusal = "DUPLICATE_USERNAME" if partner else None
        yield [row]
    for kind, profile in (("partner", "Partner Community User"), ("partner", "Partner Community User"),
                          ("customer", "Customer Community User")):
        row = spoil(kind, profile, "")
        row.refusal = "FIELD_INTEGRITY_EXCEPTION"
        yield [row]


def oddities():
    """Rows that look wrong and are not."""
    left = make_account("CH", "partner", STAFF["left"])
    left_too = make_account("FR", "customer", STAFF["left"])
    for account, profile in ((left, "Acme Partner"), (left, "Acme Partner"),
                             (left_too, "Acme Customer"), (left_too, "Acme Customer Plus")):
        yield [spoil(make_contact(account), profile, "")]  # warned: account-owner-inactive
    # Contacts whose ids differ in letter case only; 15 characters tell them apart.
    for tail in ("QaBcD", "xYzZy", "mNoPq"):
        for variant in (tail, tail.swapcase()):
            contact = make_contact(dice.one_of(ACCOUNTS["partner"]), Id=to_18("0035g00001" + variant))
            yield [spoil(contact, "Acme Partner", "", ContactId=contact["Id"][:15])]
    yield [spoil("partner", "Acme Partner", "", Title="Ü" * 80)]
    yield [spoil("customer", "Acme Customer", "", Title='Verkauf "Süd", Leitung')]
    yield [spoil("customer", "Acme Customer", "", Notes='line one\nline two, "quoted"\n\nline four')]


def normal_rows(count):
    """Rows without faults, in account order, as an export gives them."""
    per_account = {}
    everything = [account for kind in ACCOUNTS.values() for account in kind]
    chosen = [dice.one_of(everything) for _ in range(count)]
    for account in chosen:
        per_account[account["Id"]] = per_account.get(account["Id"], 0) + 1
    rows = []
    for account in sorted(everything, key=lambda account: account["Id"]):
        wanted = per_account.get(account["Id"], 0)
        if account.kind == "person":
            people = [account.person] if wanted else []
        else:
            people = [make_contact(account) for _ in range(wanted)]
        rows += [row_for(person) for person in people]
    return rows


def make_rows():
    """Normal rows with the others strewn among them; rows of a block stay in order."""
    families = (raw_faults, key_faults, name_faults, value_faults, contact_faults, account_faults,
                license_faults, seat_faults, file_faults, several_faults, org_refusals, oddities)
    blocks = [block for family in families for block in family()]
    special = sum(map(len, blocks))
    target = ROWS - special
    # Person accounts take one row however often they are drawn: draw more, then cut.
    rows = normal_rows(target + target // 8)[:target]
    assert len(rows) == target
    placed = [((index, 1), row) for index, row in enumerate(rows)]
    for block in blocks:
        spots = sorted(dice.below(target) for _ in block)
        placed += [((spot, 0), row) for spot, row in zip(spots, block)]
    return [row for _, row in sorted(placed, key=lambda entry: entry[0])]


rows = make_rows()
for account in ACCOUNTS["partner"]:  # contacts that the file does not name
    if dice.chance(50):
        make_contact(account)

# ------------------------------------------------------------------------------------------------
# Writing


def cell(text, delimiter=","):
    """Quoted only where it must be."""
    if any(c in text for c in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def line_of(cells, delimiter=","):
    return delimiter.join(cell(text, delimiter) for text in cells).encode()


def table(records):
    """A CSV text of records; columns in order of first appearance."""
    columns = list(dict.fromkeys(name for record in records for name in record))
    lines = [line_of(columns)] + [line_of([r.get(c, "") for c in columns]) for r in records]
    return b"\n".join(lines) + b"\n"


ORG_TOML = """\
# The sample org: everything here is invented. Made by samples/make.py.
org_id = "{org_id}"
name = "Acme Machines (sample)"
is_sandbox = false
instance_url = "https://acme-sample.my.salesforce.example.com"
instance_name = "SIM1"
access_token = "{token}"
running_user = "{running_user}"
time_zone = "Europe/Berlin"
language = "en_US"
locale = "de_DE"
currency = "EUR"
currencies = [{currencies}]

# Usernames that users of other orgs hold: only the platform knows them (R-107).
usernames_elsewhere = [
{elsewhere}]

[features]
digital_experiences = true
person_accounts = true
partner_licenses = true
customer_licenses = true
multi_currency = true
shared_roles = false
customer_role_levels = 3
partner_role_levels = 3
standard_external_profiles = false
unique_partner_usernames = false
"""

FIELDS = """\
object,api_name,label,type,length,createable,updateable,nillable,unique,external_id,restricted,values
Account,Customer_Number__c,Customer Number,string,20,true,true,true,false,true,false,
Contact,External_Key__c,External Key,string,40,true,true,true,false,true,false,
User,Region__c,Sales Region,picklist,255,true,true,false,false,false,true,{regions}
User,Certified_Until__c,Certified Until,date,0,true,true,true,false,false,false,
User,Discount_Percent__c,Discount Percent,double,0,true,true,true,false,false,false,
User,Onboarding_Batch__c,Onboarding Batch,string,20,true,true,true,false,false,false,
"""


def org_files():
    toml = ORG_TOML.format(
        org_id=to_18("00D5g0000000Sim"), token="00D5g0000000Sim!sample-token-not-a-secret",
        running_user=STAFF["admin"]["Id"],
        currencies=", ".join(f'"{currency}"' for currency in CURRENCIES),
        elsewhere="".join(f'    "{name}",\n' for name in USERNAMES_ELSEWHERE))
    files = {"org/org.toml": toml.encode(),
             "org/fields.csv": FIELDS.format(regions=";".join(REGIONS)).encode()}
    for name, records in org.tables.items():
        records = sorted(records, key=lambda record: record["Id"])
        files[f"org/{name}.csv"] = table(records)
    return files


def contacts_files():
    """contacts.csv and its two oracles. Lines are counted as an editor does."""
    lines, codes, refusals, line_number = [line_of(HEADER)], [], [], 2
    for row in rows:
        line = line_of([row[name] for name in HEADER])
        if row.raw:
            line = row.raw(line)
        row.line = line_number
        if row.codes:
            codes.append(f"{line_number},{';'.join(row.codes)}")
        if row.refusal:
            refusals.append(f"{line_number},{row.refusal}")
        line_number += 1 + line.count(b"\n")
        lines.append(line)
    text = lambda header, body: "\n".join([header, *body, ""]).encode()
    return {"contacts.csv": b"\n".join(lines) + b"\n",
            "expected-codes.csv": text("line,codes", codes),
            "expected-refusals.csv": text("line,code", refusals)}


def dataloader_files():
    """An export with headers of its own, and the mapping a Data Loader user keeps beside it."""
    mapping = {"CONTACT ID": "ContactId", "GIVEN NAME": "FirstName", "SURNAME": "LastName",
               "E-MAIL ADDRESS": "Email", "LOGIN": "Username", "PROFILE ID": "ProfileId",
               "PORTAL ROLE": "PortalRole", "TZ": "TimeZoneSidKey", "LOC": "LocaleSidKey",
               "LANG": "LanguageLocaleKey", "ENC": "EmailEncodingKey", "SALES REGION": "Region__c",
               "REMARKS": ""}
    sdl = ["#Mapping values", "#Mon Mar 02 09:30:00 CET 2026"]
    sdl += [f"{header.replace(' ', chr(92) + ' ')}={field}" for header, field in mapping.items()]
    lines = [b",".join(b'"' + header.encode() + b'"' for header in mapping)]
    for row in plain_rows(12):
        contact = row.contact
        land = about(contact.country)
        values = {"CONTACT ID": contact["Id"], "GIVEN NAME": contact["FirstName"],
                  "SURNAME": contact["LastName"], "E-MAIL ADDRESS": contact["Email"],
                  "LOGIN": username_of(contact), "PROFILE ID": PROFILES["Acme Partner"]["Id"],
                  "PORTAL ROLE": "User", "TZ": contact.account.zone, "LOC": land["locale"],
                  "LANG": land["language"], "ENC": "UTF-8", "SALES REGION": land["region"],
                  "REMARKS": "from the ERP, checked"}
        # Data Loader exports quote every cell.
        lines.append(b",".join(b'"' + values[name].encode() + b'"' for name in mapping))
    return {"contacts.sdl": "\n".join(sdl + [""]).encode(),
            "contacts-dataloader.csv": b"\n".join(lines) + b"\n"}


def plain_rows(count, countries=None):
    """Accepted partner rows of contacts.csv whose contacts other samples use again."""
    fit = [row for row in rows if not row.codes and not row.refusal and row["ContactId"]
           and row["Profile"] == "Acme Partner" and row["Email"] == row.contact["Email"]
           and not row["Role"] and row["First Name"] and row["Active"] == ""
           and (countries is None or row.contact.country in countries.split())]
    return fit[:count]


def nasty_files():
    """A few good rows in every bad shape a file can have; README.md says what to expect."""
    header = ["ContactId", "Last Name", "Email", "Profile", "Encoding", "Region__c", "Notes"]
    people = list({p.contact["LastName"]: p for p in plain_rows(ROWS, "DE AT CH")}.values())[:3]
    records = [[p.contact["Id"], p.contact["LastName"], p.contact["Email"], "Acme Partner", "UTF-8",
                p["Region__c"], note] for p, note in zip(people, ("Größe: XL", "plain", "über alles"))]

    def text(end="\n", delimiter=",", lines=None, last_end=True):
        lines = lines if lines is not None else [header, *records]
        body = end.join(line_of(line, delimiter).decode() for line in lines)
        return body + (end if last_end else "")

    def with_note(index, note):
        changed = [list(record) for record in records]
        changed[index][6] = note
        return text(lines=[header, *changed]).encode()

    good = text().encode()
    lines = good.split(b"\n")
    files = {
        "utf8-bom.csv": b"\xef\xbb\xbf" + good,
        "utf16le-bom.csv": b"\xff\xfe" + text().encode("utf-16-le"),
        "utf16be-bom.csv": b"\xfe\xff" + text().encode("utf-16-be"),
        "windows-1252.csv": text().encode("cp1252"),
        "crlf.csv": text("\r\n").encode(),
        "cr.csv": text("\r").encode(),
        "semicolon.csv": text(delimiter=";").encode(),
        "tab.csv": text(delimiter="\t").encode(),
        "pipe.csv": text(delimiter="|").encode(),
        "no-final-newline.csv": text(last_end=False).encode(),
        "blank-lines.csv": b"\n".join([lines[0], b"", lines[1], b"", b"", lines[2], lines[3], b"", b""]),
        "quoted-newlines.csv": with_note(0, 'first\nsecond, "third"\r\n\nfifth'),
        "formula.csv": with_note(1, '=cmd|\' /C calc\'!A0'),
        "unclosed-quote.csv": b"\n".join([lines[0], lines[1], lines[2].replace(b"plain", b'"plain'), lines[3], b""]),
        "duplicate-header.csv": text(lines=[header[:6] + ["Email"], *records]).encode(),
        "duplicate-meaning.csv": text(lines=[header[:6] + ["EmailEncodingKey"], *records]).encode(),
        "ragged.csv": b"\n".join([lines[0], lines[1] + b",one,two", lines[2][: lines[2].rindex(b",")], lines[3], b""]),
        "nul.csv": good.replace(b"plain", b"pl\x00in"),
        "invalid-utf8.csv": good.replace(b"plain", b"pl\xe4in"),
        "no-header.csv": b"\n".join(lines[1:]),
        "unnamed-column.csv": text(lines=[header[:6] + [""], *records]).encode(),
        "no-person-key.csv": text(lines=[["Id", *header[1:]], *records]).replace("Email", "Mail").encode(),
        "header-only.csv": lines[0] + b"\n",
        "empty.csv": b"",
        "one-row.csv": b"\n".join([lines[0], lines[1], b""]),
    }
    return {f"nasty/{name}": content for name, content in files.items()}


# ------------------------------------------------------------------------------------------------
# The result, checked against itself

BLOCKING = """
row-width row-encoding contact-key-missing malformed-id last-name-missing email-missing
email-invalid username-missing username-malformed field-too-long timezone-unknown locale-unknown
language-unknown email-encoding-unknown currency-unknown date-invalid value-invalid
spreadsheet-error required-field-missing
contact-not-found contact-ambiguous contact-deleted contact-without-account contact-has-user
contact-has-inactive-user
account-not-found account-mismatch account-not-partner account-owner-without-role account-owner-external
person-account-partner
profile-missing profile-not-found profile-ambiguous profile-not-external license-mismatch
license-inactive no-seat role-not-allowed role-unknown role-level-missing permission-set-not-found
profile-not-in-site
duplicate-contact duplicate-username duplicate-nickname duplicate-federation-id username-taken
nickname-taken federation-id-taken
""".split()


@functools.cache
def keys_of(name):
    if name == "CurrencyIsoCode":
        return set(CURRENCIES)
    with open(HERE / "org" / "picklists" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return {record["key"] for record in csv.DictReader(file)}


def is_id(text, prefix):
    """Empty, or 15 or 18 characters of the right object with the right check characters."""
    long = to_18(text[:15]) if len(text) in (15, 18) and text.isalnum() else None
    return not text or (text.startswith(prefix) and long is not None and long.startswith(text))


def prove(files):
    """What must hold whatever the dice say."""
    named = [code for row in rows for code in row.codes]
    for code in BLOCKING:
        assert named.count(code) >= 2, f"{code}: {named.count(code)} rows"
    assert set(named) <= set(BLOCKING), set(named) - set(BLOCKING)
    assert len(rows) == ROWS

    accepted = [row for row in rows if not row.codes]
    name_of = lambda row: (row["Username"] or row["Email"] or row.contact["Email"]).lower()
    sent = [name_of(row) for row in accepted]
    assert len(set(sent)) == len(sent), "two accepted rows, one username"
    users = org.tables["User"]
    assert not set(sent) & {user["Username"].lower() for user in users}
    for column in ("Nickname", "Federation ID"):
        cells = [row[column].lower() for row in accepted if row[column]]
        assert len(set(cells)) == len(cells), column
    occupied = {user.get("ContactId") for user in users}
    assert not occupied & {row.contact["Id"] for row in accepted}

    for code, column, picklist in (("timezone-unknown", "Time Zone", "TimeZoneSidKey"),
                                   ("locale-unknown", "Locale", "LocaleSidKey"),
                                   ("language-unknown", "Language", "LanguageLocaleKey"),
                                   ("email-encoding-unknown", "Encoding", "EmailEncodingKey"),
                                   ("currency-unknown", "Currency", "CurrencyIsoCode")):
        for row in rows:
            assert (code in row.codes) == (row[column] not in keys_of(picklist) | {""}), row
    for row in rows:
        sound = is_id(row["ContactId"], "003") and is_id(row["AccountId"], "001")
        assert ("malformed-id" in row.codes) != sound, row
    longest = {"First Name": 40, "Last Name": 80, "Title": 80, "Company": 80, "Alias": 8, "City": 40}
    for row in accepted:
        assert len(name_of(row)) <= 80 and all(len(row[c]) <= m for c, m in longest.items()), row
    for name, records in org.tables.items():
        ids = [record["Id"] for record in records]
        assert len(set(ids)) == len(ids) and all(to_18(i[:15]) == i for i in ids), name

    # Any CSV reader must see the same rows, the ones spoiled on purpose apart.
    text = files["contacts.csv"].decode("utf-8", "replace").replace("\x00", "\ufffd")
    seen = list(csv.reader(io.StringIO(text, newline="")))
    assert len(seen) == ROWS + 1
    for row, cells in zip(rows, seen[1:]):
        assert row.raw or cells == [row[name] for name in HEADER], row.line


def main():
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    files = {**org_files(), **contacts_files(), **dataloader_files(), **nasty_files()}
    prove(files)
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    rejected = sum(1 for row in rows if row.codes)
    print(f"{len(files)} files, {len(rows)} rows, {rejected} to be rejected, "
          f"{sum(1 for row in rows if row.refusal)} to be refused by the org, "
          f"{len(org.tables['Account'])} accounts, {len(org.tables['Contact'])} contacts, "
          f"{len(org.tables['User'])} users")


main()
